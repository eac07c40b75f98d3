"""What an evening's peak does to the deployment: a simulation by discrete events."""
