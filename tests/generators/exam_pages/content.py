"""Words for rendered exam pages: invented, Korean and English."""

import numpy as np

STEMS = (
    "다음 글의 중심 생각으로 가장 알맞은 것은?",
    "두 점 A(1, 2), B(4, 6) 사이의 거리를 구하시오. [4점]",
    "그림은 물체의 속력을 나타낸 것이다. 이에 대한 설명으로 옳은 것만을 <보기>에서 고른 것은?",
    "표는 어느 반 학생의 점수를 조사하여 나타낸 것이다. 이에 대한 설명으로 옳지 않은 것은? [3점]",
    "함수 f(x)=x²-3x+2의 그래프가 x축과 만나는 두 점 사이의 거리는?",
    "밑줄 친 ㉠에 대한 설명으로 적절한 것은?",
    "빈칸에 들어갈 말로 가장 적절한 것을 고르시오.",
    "Which of the following best describes the main idea of the passage?",
    "Choose the word that is closest in meaning to the underlined word.",
    "(가)와 (나)의 공통점으로 가장 적절한 것은?",
    "다음 자료를 바탕으로 이 시기의 사회 모습을 추론한 것으로 옳은 것은?",
    "그래프에 대한 옳은 분석만을 <보기>에서 있는 대로 고른 것은? (단, 마찰은 무시한다.)",
    "등차수열의 제2항이 5이고 제6항이 17일 때, 첫째항과 공차의 합은?",
    "다음 중 세포 분열에 대한 설명으로 옳은 것은?",
)
PROSE = (
    "강의 상류에서는 물살이 빨라 바닥이 깊게 깎이고 하류에서는 느려진 물이 흙을 쌓아 들을 이룬다.",
    "사람들은 오래전부터 별의 움직임을 보고 씨를 뿌릴 때를 정하였으며 그 기록이 전해진다.",
    "시장에서 값은 사려는 사람과 팔려는 사람의 뜻이 만나는 곳에서 정해지지만 늘 그런 것은 아니다.",
    "새로운 기술은 일을 쉽게 하였으나 그 때문에 사라진 일자리 또한 적지 않다는 지적이 있다.",
    "Rivers carry sand to the sea, and the sea returns some of it to the shore with every tide.",
    "그는 마을 어귀에 서서 한참 동안 먼 산을 바라보다가 천천히 발걸음을 옮기기 시작하였다.",
    "빛은 물속에서 느려지므로 비스듬히 들어간 빛은 꺾이고 물에 담긴 젓가락은 굽어 보인다.",
)
CHOICES = (
    ("① 1", "② 2", "③ 3", "④ 4", "⑤ 5"),
    ("① ㄱ", "② ㄴ", "③ ㄱ, ㄷ", "④ ㄴ, ㄷ", "⑤ ㄱ, ㄴ, ㄷ"),
    ("① 1/2", "② 2/3", "③ 3/4", "④ 4/5", "⑤ 5/6"),
    (
        "① 물의 온도가 높을수록 더 빨리 녹는다.",
        "② 값이 오르면 사려는 사람이 줄어든다.",
        "③ 두 힘의 크기는 서로 같다.",
        "④ 이 시기에는 장시가 늘어났다.",
        "⑤ 글쓴이는 변화를 반기고 있다.",
    ),
    (
        "① because the river was too wide",
        "② to keep the promise he had made",
        "③ whatever the weather may bring",
        "④ those who came before us",
        "⑤ not only the old but also the new",
    ),
)
HINTS = (
    "ㄱ. A의 질량은 B의 두 배이다.",
    "ㄴ. 3초일 때 속력은 6m/s이다.",
    "ㄷ. 구간 (가)에서 온도는 일정하다.",
    "ㄱ. 이 지역은 겨울보다 여름에 비가 많다.",
    "ㄴ. (나)는 (가)보다 먼저 일어났다.",
)
TITLES = (
    "수학 영역",
    "과학탐구 영역",
    "단원 평가 (2단원)",
    "국어 영역",
    "1학기 중간고사 사회",
    "English Test",
)
NOTES = (
    "* 확인 사항",
    "○ 답안지의 해당란에 필요한 내용을 정확히 기입(표기)하였는지 확인하시오.",
)


def pick(rng: np.random.Generator, texts: tuple[str, ...]) -> str:
    """One of the texts."""
    return texts[int(rng.integers(len(texts)))]
