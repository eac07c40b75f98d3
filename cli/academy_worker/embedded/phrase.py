"""Words of the report in its two languages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrase:
    """The same thing said in English and in Korean."""

    en: str
    ko: str

    def followed_by(self, en: str, ko: str) -> "Phrase":
        """This, with something after it."""
        return Phrase(self.en + en, self.ko + ko)


def alike(words: str) -> Phrase:
    """What is the same in both: names, codes, numbers."""
    return Phrase(words, words)


def phrase(words: str) -> Phrase:
    """Look an English word of the report up; one without a Korean word stays as it is."""
    return Phrase(words, KOREAN.get(words, words))


KOREAN = {
    # jobs of the demo
    "a homework video": "숙제 영상",
    "a photographed question": "사진으로 찍은 문제",
    "a photographed answer sheet": "사진으로 찍은 답안지",
    "a photographed exam page": "사진으로 찍은 시험지",
    "a page somebody wrote on": "필기가 있는 쪽",
    "problems like another": "비슷한 문제 찾기",
    "a wrong-answer note": "오답 노트",
    "an answer sheet in the lite tier": "lite 등급으로 보낸 답안지",
    "a job type nobody knows": "없는 작업 종류",
    "a payload without its link": "파일 주소가 없는 요청",
    "a link to a machine that is not allowed": "허용되지 않은 서버 주소",
    "a new problem, with no provider set up": "문제 생성 (제공자 미설정)",
    "a message that is not JSON": "JSON이 아닌 메시지",
    # job types
    "ocr": "문자 인식",
    "omr_grading": "답안지 채점",
    "question_segmentation": "문항 분할",
    "handwriting_analysis": "필기 분석",
    "embedding": "임베딩",
    "problem_generation": "문제 생성",
    "homework_video_analysis": "숙제 영상 분석",
    "wrong_note": "오답 노트",
    # states
    "sent": "보냄",
    "queued": "대기",
    "running": "처리 중",
    "telling": "통보 중",
    "done": "완료",
    "failed": "실패",
    "quarantined": "격리",
    # stretches of a job's way
    "admission": "접수",
    "waiting": "대기",
    # facts of results
    "avg writing score": "평균 필기 점수",
    "backend": "백엔드",
    "calculation score": "풀이 점수",
    "confidence": "확신도",
    "decoded duration": "읽은 길이(초)",
    "declared duration": "표시된 길이(초)",
    "dimension": "차원",
    "engine": "엔진",
    "filled ratio": "필기 비율",
    "ink ratio": "잉크 비율",
    "method": "방법",
    "mode": "방식",
    "aligned": "정렬됨",
    "meta used": "템플릿 사용",
    "model": "모델",
    "normalized": "정규화",
    "pages": "쪽 수",
    "pages detected": "찾은 쪽 수",
    "partial": "일부만 읽음",
    "rotation": "회전",
    "sampled frames": "살핀 프레임",
    "score": "점수",
    "too short": "너무 짧음",
    "total frames": "전체 프레임",
    "key frames extraction": "대표 프레임 추출",
    "writing score": "필기 점수",
    "unread formulas": "읽지 못한 수식",
    "answer": "정답",
    "attempts": "시도 횟수",
    "body": "문제",
    "difficulty": "난이도",
    "duration": "길이(초)",
    "explanation": "해설",
    "height": "세로(px)",
    "note": "비고",
    "provider": "실행 장치",
    "questions": "문항 수",
    "reason": "까닭",
    "refers to picture": "그림 필요",
    "resume at": "이어 읽을 곳(초)",
    "summary": "요약",
    "tag": "유형",
    "width": "가로(px)",
    # how much is written
    "none": "없음",
    "light": "조금",
    "medium": "보통",
    "full": "많음",
    "unknown": "알 수 없음",
    # statuses of an answer
    "ambiguous": "모호함",
    "error": "오류",
    "low_confidence": "확인 필요",
}
