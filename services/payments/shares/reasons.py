"""Why a month that cells share lets nothing through: code, and the sentence in both languages."""

OF_ROOM = (
    (
        "room-awaited",
        (
            "Vēl nav ziņots, cik no mēneša griestiem {cap_eur} EUR šeit drīkst izmantot; "
            "iesniedziet prasību vēlreiz pēc brīža."
        ),
        (
            "how much of the monthly ceiling of {cap_eur} EUR may be used here is not told yet; "
            "send the claim again in a while"
        ),
    ),
    (
        "room-handed-over",
        (
            "Skolēns pārgājis pie cita maksātāja, un mēneša griestu {cap_eur} EUR atlikums "
            "nodots tam; ja skolēns atgriezies, apstipriniet plāna jaunu versiju."
        ),
        (
            "the pupil has moved to another payment office and the rest of the monthly ceiling "
            "of {cap_eur} EUR went to it; if the pupil is back, approve a new version of the plan"
        ),
    ),
    (
        "room-too-small",
        (
            "Šeit paturēti {available_eur} EUR, mēneša griestu atlikums nodots maksātājam, "
            "pie kura skolēns pārgājis; iesniedziet ne vairāk par paturēto."
        ),
        (
            "{available_eur} EUR were kept here, the rest of the monthly ceiling went to the "
            "payment office the pupil moved to; claim no more than was kept"
        ),
    ),
    (
        "room-cut",
        (
            "Samaksāts šeit paturētais; {cut_eur} EUR netiek maksāti, jo mēneša griestu "
            "atlikums nodots maksātājam, pie kura skolēns pārgājis."
        ),
        (
            "cut to what was kept here; {cut_eur} EUR are not paid, as the rest of the monthly "
            "ceiling went to the payment office the pupil moved to"
        ),
    ),
)
