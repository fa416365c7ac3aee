"""Why an allocation lets nothing through: code, and the sentence in both languages."""

OF_ALLOCATION = (
    (
        "allocation-used-up",
        (
            "Partnera piešķīrums {semester}. semestrim ir izsmelts; trūkst {missing_eur} EUR, "
            "lūdziet valstij to palielināt."
        ),
        (
            "the partner's allocation for {semester} is used up; {missing_eur} EUR are missing, "
            "ask the state for an increase"
        ),
    ),
    (
        "allocation-not-set",
        "Partnerim {semester}. semestrim nav piešķīruma; lūdziet valstij to noteikt.",
        "the partner has no allocation for {semester}; ask the state to set it",
    ),
    (
        "allocation-too-small",
        (
            "No partnera piešķīruma {semester}. semestrim atlikuši {available_eur} EUR; trūkst "
            "{missing_eur} EUR, prasiet mazāk vai lūdziet valstij to palielināt."
        ),
        (
            "the partner's allocation for {semester} has {available_eur} EUR left for this; "
            "{missing_eur} EUR are missing, claim less or ask the state for an increase"
        ),
    ),
    (
        "allocation-cut",
        (
            "Samazināts līdz atlikumam; {cut_eur} EUR pārsniedz partnera piešķīrumu {semester}. "
            "semestrim."
        ),
        "cut to what is left; {cut_eur} EUR are above the partner's allocation for {semester}",
    ),
)
