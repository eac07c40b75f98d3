"""Words of rendered questions: invented, Korean and English, with the signs exams use."""

from dataclasses import dataclass

import numpy as np

STEMS = (
    "다음 글의 제목으로 가장 알맞은 것은?",
    "윗글의 내용과 일치하지 않는 것을 고르시오.",
    "밑줄 친 부분의 뜻이 나머지와 다른 것은? [2점]",
    "두 자연수 a, b의 최대공약수가 12일 때, a+b의 값을 구하시오.",
    "일차방정식 3x-7=2x+5의 해는?",
    "그래프는 어느 도시의 월별 강수량을 나타낸 것이다. 이에 대한 설명으로 옳은 것은?",
    "다음은 물질의 상태 변화에 관한 실험 과정이다. 결과로 옳은 것만을 고른 것은? [3점]",
    "고려 시대의 경제 활동에 대한 설명으로 옳지 않은 것은?",
    "빈칸에 들어갈 말로 가장 적절한 것을 고르시오.",
    "다음 대화에서 마지막 말에 이어질 응답으로 알맞은 것은?",
    "What does the man want to do after the concert?",
    "Which of the following is true according to the passage?",
    "반지름의 길이가 5cm인 원의 둘레를 구하시오.",
    "속력이 10m/s인 자동차가 5초 동안 이동한 거리는?",
)
PROSE = (
    "도서관은 책을 모아 두는 곳을 넘어 이웃이 만나는 자리가 되었다.",
    "비가 그친 뒤 골목에는 흙냄새가 짙게 남아 있었다.",
    "언어는 사회의 약속이므로 한 사람이 마음대로 바꿀 수 없다.",
    "바다의 온도가 올라가면 물고기가 사는 곳도 달라진다.",
    "People often remember the way a story ends.",
    "우리는 작은 습관이 하루를 바꾼다는 사실을 자주 잊는다.",
)
HINTS = (
    "ㄱ. 물의 온도는 시간이 지날수록 높아진다.",
    "ㄴ. B의 밀도는 A의 밀도보다 작다.",
    "ㄷ. 두 물체의 무게는 서로 같다.",
    "ㄹ. 반응이 끝난 뒤 부피는 줄어든다.",
)
CHOICES = (
    ("12", "18", "24", "30", "36"),
    ("1/3", "2/5", "3/7", "4/9", "5/11"),
    ("ㄱ", "ㄴ", "ㄱ, ㄷ", "ㄴ, ㄷ", "ㄱ, ㄴ, ㄷ"),
    ("x=2", "x=5", "x=7", "x=9", "x=12"),
    ("기쁨", "슬픔", "놀람", "두려움", "고마움"),
    (
        "세금을 줄이는 법을 새로 만들었다.",
        "시장에서 화폐가 널리 쓰이게 되었다.",
        "바다 건너 여러 나라와 무역을 하였다.",
        "농사에 소를 이용하기 시작하였다.",
        "지방에 관리를 보내 백성을 돌보았다.",
    ),
    (
        "to buy a ticket for the show",
        "to take a walk along the river",
        "to call his sister at home",
        "to have dinner with friends",
        "to finish the report by Friday",
    ),
    (
        "글쓴이는 도시의 변화를 걱정한다.",
        "여름에는 비가 많이 내린다.",
        "두 값의 차이는 점점 커진다.",
        "실험의 결과는 예상과 다르다.",
        "주인공은 끝내 고향을 떠난다.",
    ),
)


@dataclass(frozen=True)
class Question:
    """What a question says; `choices` without their circled numbers."""

    number: int
    stem: str
    prose: str | None
    hints: tuple[str, ...]
    choices: tuple[str, ...]


def random_question(rng: np.random.Generator) -> Question:
    """Put a question together."""
    hints = sorted(rng.choice(len(HINTS), 3, replace=False)) if rng.random() < 0.3 else []
    return Question(
        number=int(rng.integers(1, 46)),
        stem=str(rng.choice(STEMS)),
        prose=" ".join(rng.choice(PROSE, 2)) if rng.random() < 0.35 else None,
        hints=tuple(HINTS[i] for i in hints),
        choices=CHOICES[int(rng.integers(len(CHOICES)))] if rng.random() < 0.85 else (),
    )
