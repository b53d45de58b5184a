"""Words of refusals, by the part that they play in one. Data in lower case.

English has the full vocabulary; German, French, Spanish, Italian and Portuguese the words of plain refusals.
A letter for each part; `sightline_analysis.failures.refusal_rules` are patterns over these letters.
"""

ROLES = {
    "I": "i je yo io eu",  # the speaker
    "3": "ich",  # the speaker in German
    "J": "we wir nous nosotros noi nós",  # the speaker among others
    "m": "my our meine mes mis mie minhas",  # the speaker's
    "e": "me us mir moi mi",  # the speaker as object
    # what the speaker is
    "A": """
        ai chatbot bot assistant llm ki ia claude chatgpt bard gemini llama assistent assistente
        asistente
    """,
    "Y": "you your yours",  # the reader
    "s": "he she they him his her their them someone somebody anyone",  # third persons
    "C": "can will may shall must should",  # decides
    "d": "do does would might have has need",  # auxiliaries
    "x": "am is are be feel",  # is
    "P": "could did was were had been",  # reports of the past
    "N": "not never no nor nope nicht keine kein keinen keinerlei",  # negates
    "n": "ne n non não nao pas",  # negates in Romance languages
    # Romance "I can" and "I will"
    "p": """
        puedo vou voy vais posso peux consigo pourrai podré potrei poderia poder poter pouvoir
        podemos possiamo
    """,
    "q": "bin tengo tenho sinto suis sono estoy estou siamo sommes estamos",  # Romance "is"
    "g": "kann darf werde möchte können dürfen werden",  # German modals
    # negated ability in one word
    "U": """
        unable unwilling prohibited forbidden restricted barred banned disallowed incapable
        prevented unauthorized unauthorised obligated obliged bound
    """,
    # ability
    "b": """
        able capable capability equipped position ability possible imposible posible mesure lage
        grado possível possibile
    """,
    # willingness and permission
    "c": """
        comfortable willing allowed permitted permission authorized authorised programmed designed
        trained supposed intended going prepared inclined qualified licensed configured helping
        interested right interest permitido permissão confortável cómodo autorisé autorizado
        autorizada autorizzato condizioni condiciones
    """,
    # declines
    "D": """
        decline declining declined denied refused refuse refusing refrain refraining abstain withhold
        withholding reject refuser décline ablehnen lehne
    """,
    "6": "niego rifiuto recuso",  # Romance "I refuse", reflexive
    "V": "pass skip stop avoid avoiding end ending draw",  # declines when it has to be done
    "r": "rather prefer better",  # preference
    "2": "préfère preferiría prefiero preferisco prefiro",  # Romance "I prefer"
    # apology
    "S": """
        sorry apologize apologise apologies apology afraid unfortunately regret regrettably leider
        leid entschuldigung désolé désolée malheureusement siento lamento lamentablemente dispiace
        scusa purtroppo desculpe infelizmente
    """,
    "W": "advise urge suggest recommend discourage caution",  # advice
    # approval
    "T": """
        condone promote promoting encourage encouraging endorse advocate support justify glorify
        tolerate
    """,
    # what assistants do for people
    "H": """
        help assist assisting assistance provide providing fulfill fulfil fulfilling satisfy comply
        complying answer answering discuss discussing engage engaging generate generating create
        creating write writing produce producing offer giving give share sharing participate partake
        continue complete facilitate respond make making teach explain describe speculate proceed
        accommodate entertain perform reveal disclose draft instruct guide contribute cooperate aid
        enable impersonate compose craft comment weigh supply deliver spread talk speak pretend
        roleplay grant waive process accept guidance helfen helfe beantworten beantworte gebe
        schreibe erstelle stelle verfasse unterstütze donnerai aiderai écrirai fournirai répondrai
        geben bereitstellen unterstützen erstellen schreiben weiterhelfen aider répondre fournir
        écrire créer donner ayudar ayudarte ayudarle proporcionar responder escribir generar ofrecer
        dar cumplir brindar aiutarti aiutare aiutarla fornire rispondere scrivere creare dare ajudar
        fornecer escrever criar gerar atiende responde répond antwortet
    """,
    # perception and knowledge: what one cannot do for lack of means
    "X": """
        find locate see open read view hear access reproduce parse connect determine verify confirm
        know recall remember retrieve load reach guess judge detect check run browse search watch
        listen look predict calculate compute understand replicate test recreate trace undo revert
        finden sehen öffnen lesen wissen trouver voir ouvrir lire savoir encontrar ver abrir leer
        saber acceder trovare vedere aprire leggere sapere acessar ler
    """,
    "4": "lets",  # proposes
    "1": "tell say dire decir decirte sagen dizer",  # says what is known, or what is secret
    "5": "enough highly",  # turns "cannot recommend" round
    # figures of speech
    "F": """
        wait stress emphasize emphasise overstate thank believe imagine deny blame complain worry
        sugar lie forget think mean guarantee promise sure certain resist argue want wish expect
        care mind hesitate assume rule stand bear always necessarily matter hold hope
    """,
    # the request
    "R": """
        request requests question questions prompt query topic topics conversation task subject
        instructions information content material anfrage frage demande solicitud pregunta richiesta
        domanda pedido pergunta
    """,
    "f": "line lines",  # a limit, figuratively
    "o": "something anything thing things territory",  # indefinite objects
    # pointers
    "t": """
        this that it these those such so which what das dies dieser ce cela eso esto ciò isso este
        esta cet cette questo questa
    """,
    # conflicts with
    "B": """
        against violate violates violating violation breach breaches contravene contravenes conflict
        conflicts contrary counter prohibit prohibits forbid forbids prevent prevents restrict
        restricts break breaks within cross crosses crossing allow allows permit permits
    """,
    # rules
    "G": """
        law laws policy policies guideline guidelines programming principles values ethics terms
        rules training safety protocol protocols purpose nature boundaries conscience
    """,
    # good
    "K": """
        appropriate ethical moral legal okay ok acceptable respectful proper responsible good
        advisable permissible correct justification justified
    """,
    # bad
    "L": """
        inappropriate unethical illegal unlawful harmful offensive dangerous irresponsible wrong
        immoral hateful discriminatory disrespectful unacceptable abusive deceptive crime felony
        criminal stereotypes harm harming unsafe derogatory racist sexist harassment theft fraud
        violence danger hatred misinformation illegale illegaux ilegal ilegales illegali illegalen
        strafbar
    """,
    # values
    "O": """
        important crucial vital essential sensitive respect respecting dignity tolerance
        understanding responsibly kindness inclusivity equal healthy
    """,
    # only
    "y": """
        only just solely exclusively solo sólo nur seulement apenas únicamente unicamente uniquement
        ausschließlich
    """,
    "u": "outside beyond",  # outside
    "E": "instead alternatively different else another",  # other
    # who can help
    "Z": """
        hotline helpline therapist counselor counsellor professional authorities lifeline samhsa
        resources supervisor solicitor
    """,
    # documents, tools and connections
    "M": """
        context document documents file attachment attached error timeout passage database tool api
        log logs mention mentions mentioned real-time screenshot server tests sandbox
    """,
    "h": "here below",  # introduces an answer
    "i": "without if when unless whether once until",  # conditions
    "l": "while although though",  # concessions
    "v": "but however nevertheless still",  # contrasts
    "k": "certainly absolutely yes definitely great",  # yes
    "z": "regards sincerely dear",  # letters
    "a": "very also then even therefore at time in all too both ever",  # adverbs
}

CONTRACTIONS = {
    "cannot": "CN", "cant": "CN", "can't": "CN", "won't": "CN", "wont": "CN", "shan't": "CN",
    "dont": "dN", "i'm": "Ix", "im": "Ix", "i'd": "Id", "i'll": "IC", "i've": "Id",
    "we're": "Jx", "we'll": "JC", "we've": "Jd", "we'd": "Jd", "isn't": "xN", "aren't": "xN",
    "ain't": "xN", "don't": "dN", "doesn't": "dN", "wouldn't": "dN", "shouldn't": "CN", "haven't": "PN",
    "hasn't": "PN", "mustn't": "CN", "couldn't": "PN", "didn't": "PN", "wasn't": "PN", "weren't": "PN",
    "hadn't": "PN", "it's": "tx", "that's": "tx", "what's": "tx", "here's": "hx", "let's": "4",
    "there's": "wx", "you're": "Yx", "you've": "Yd", "you'd": "Yd", "you'll": "YC",
}  # fmt: skip
"""Words that are two roles at once."""
