"""Words of the programme that identification owns: code, Latvian and English label.

Labels are facts of the programme's public pages; what the pages do not name is our choice.
"""

from shared.auth import Role

Words = dict[str, tuple[str, str]]

SCHOOL_KINDS: Words = {
    "secondary_school": ("vidusskola", "secondary school"),
    "basic_school": ("pamatskola", "basic school"),
    "primary_school": ("sākumskola", "primary school"),
    "gymnasium": ("ģimnāzija", "gymnasium"),
    "boarding_school": ("internātskola", "boarding school"),
    "evening_school": ("vakara (maiņu) vidusskola", "evening (shift) secondary school"),
    "technical_school": ("tehnikums", "technical school"),
}

INSTITUTION_TYPES: Words = {
    "general": ("vispārējā izglītība", "general education"),
    "vocational": ("profesionālā izglītība", "vocational education"),
    "general_with_vocational": (
        "vispārējās izglītības iestāde ar profesionālās izglītības programmām",
        "general institution with vocational programmes",
    ),
}

TEACHING_PLACES: Words = {"dagda": ("Dagda", "Dagda"), "ludza": ("Ludza", "Ludza")}
"""Places where a school teaches besides its seat; both belong to the school `dbt`."""

COOPERATION_PARTIES: Words = {
    "municipality": ("pašvaldība", "municipality"),
    "institution": ("izglītības iestāde", "education institution"),
    "pedagogues": ("pedagogi", "pedagogues"),
    "support_staff": ("atbalsta personāls", "support staff"),
    "parent_or_representative": ("vecāks vai pārstāvis", "parent or representative"),
}

ORGANISATIONS: Words = {
    "ikvd": ("Izglītības kvalitātes valsts dienests", "State Education Quality Service"),
    "liepaja_education_board": ("Liepājas Izglītības pārvalde", "Liepāja Education Board"),
    "rezekne_city": ("Rēzeknes pilsētas pašvaldība", "Rēzekne city municipality"),
    "rezekne_education_board": (
        "Rēzeknes pilsētas Izglītības pārvalde",
        "Rēzekne City Education Board",
    ),
}

PROGRAMME_ACTIVITIES: Words = {
    "early_diagnosis": ("agrīna problēmu diagnostika", "early diagnosis of problems"),
    "individual_support": ("individuāls atbalsts", "individual support"),
    "teacher_training": ("pedagogu profesionālā pilnveide", "professional training of teachers"),
    "methodological_aids": ("metodiskie līdzekļi", "methodological aids"),
    "single_database": ("vienota datu bāze", "single database"),
    "youth_ngo_initiatives": ("jauniešu NVO iniciatīvas", "youth NGO initiatives"),
}

STAFF_KINDS: Words = {
    "teacher": ("pedagogs", "teacher"),
    "psychologist": ("psihologs", "psychologist"),
    "social_pedagogue": ("sociālais pedagogs", "social pedagogue"),
    "teacher_assistant": ("pedagoga palīgs", "teacher assistant"),
    "special_education_teacher": (
        "speciālās izglītības pedagogs",
        "special education teacher",
    ),
    "sign_language_interpreter": ("surdotulks", "sign-language interpreter"),
    "assistant": ("asistents", "assistant"),
    "occupational_therapist": ("ergoterapeits", "occupational therapist"),
    "speech_therapist": ("logopēds", "speech therapist"),
    "school_head": ("izglītības iestādes vadītājs", "school head"),
    "coordinator": ("koordinators", "coordinator"),
}

ROLES: Words = {
    Role.PREPARER: ("plāna sagatavotājs", "plan preparer"),
    Role.SCHOOL_COORDINATOR: ("koordinators skolā", "school coordinator"),
    Role.HEAD: ("izglītības iestādes vadītājs", "school head"),
    Role.MUNICIPALITY_COORDINATOR: ("pašvaldības koordinators", "municipality coordinator"),
    Role.PAYMENT_OFFICER: ("maksājumu speciālists", "payment officer"),
    Role.REGIONAL_COORDINATOR: ("reģiona projekta koordinators", "regional coordinator"),
    Role.STATE_OFFICER: ("programmas speciālists", "state officer"),
    Role.AUDITOR: ("auditors", "auditor"),
    Role.EVALUATOR: ("vērtēšanas komisijas loceklis", "member of the evaluation committee"),
    Role.CALL_ORGANISER: ("konkursa rīkotājs", "organiser of calls"),
    Role.APPLICANT: ("projekta pieteicējs", "applicant"),
    Role.PARENT: ("vecāks vai pilngadīgs izglītojamais", "parent or adult pupil"),
    Role.SPECIALIST: ("atbalsta sniedzējs", "support provider"),
    Role.SCHOOL_REGISTER: ("skolu reģistrs", "school register"),
    "teacher_consultant": ("pedagogs-konsultants", "teacher-consultant"),
    "school_project_manager": ("projekta vadītājs skolā", "project manager of a school"),
    "education_board_specialist": (
        "izglītības pārvaldes speciālists",
        "education board specialist",
    ),
    "class_teacher": ("klases audzinātājs", "class teacher"),
    "contact_social_pedagogue": (
        "skolas sociālais pedagogs (kontaktpersona)",
        "social pedagogue as contact",
    ),
}

REASONS_LEFT: Words = {
    "graduated": ("pabeidza izglītības programmu", "finished the programme"),
    "moved-abroad": ("pārcēlās uz ārvalstīm", "moved abroad"),
    "dropped-out": ("pārtrauca mācības", "stopped learning"),
    "other": ("cits iemesls", "other reason"),
}
"""Examples; a departure may give another code."""

RISK_GROUPS: Words = {
    "R1": (
        "ar mācību darbu vai izglītības iestādes vidi saistītie riski",
        "learning or school-environment risks",
    ),
    "R2": ("sociālās vides un veselības riski", "social-environment and health risks"),
    "R3": ("ekonomiskie riski", "economic risks"),
    "R4": ("ar ģimeni saistītie riski", "family-related risks"),
}
