"""Problems made from a question's recognised text by a language model, and checked."""
