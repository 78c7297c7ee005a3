-- How people ask and how shops answer, for the tiny base's corpus. Plain data; the order is part of the corpus.
-- Question frames take one phrase of a topic: {n} a noun phrase, {v} a verb phrase, {r} a remark,
-- {k} two or three of its words as somebody types them into a search field. A capital at the
-- start is put by the generator. Answers take {name} and the word lists at the end; one answer belongs to one topic
-- of one shop and never changes with the question's wording.

local phrases = {}

phrases.frames = {
    need = {
        "I need to {v}.", "I want to {v}.", "I would like to {v}.", "we have to {v}.", "I have to {v} today.",
        "I am trying to {v}.", "I must {v} soon.", "I need help, I want to {v}.", "we would like to {v} this week.",
        "I need help with {n}.", "I have a question about {n}.", "I want to ask about {n}.",
        "I need to know about {n}.", "this is about {n}.", "I want to know more about {n}.",
        "I need {n}, please help.", "{r}.", "{r}, please help.", "{r}. I need help.", "sorry, but {r}.",
        "I write because {r}.", "it is like this: {r}.",
    },
    how = {
        "how do I {v}?", "how can I {v}?", "how may I {v}?", "how would I {v} with you?", "how do we {v}?",
        "how do people {v}?", "how does one {v}?", "is there a way to {v}?", "can you tell me how to {v}?",
        "what do I do to {v}?", "what must I do to {v}?", "how is it possible to {v}?", "do you know how to {v}?",
        "how does it work with {n}?", "how about {n}?", "what about {n}?", "how do you handle {n}?",
        "how do I get help with {n}?", "what are the rules for {n}?", "who can help me with {n}?", "how come? {r}.",
        "{r}. how do I go on?", "{r}. what should I do?", "{r}. what can I do?",
    },
    where = {
        "where do I {v}?", "where can I {v}?", "where on the page can I {v}?", "where is the place to {v}?",
        "in which menu do I {v}?", "where must I look to {v}?", "where do I go to {v}?",
        "where should I click to {v}?", "where do I read about {n}?", "where can I find help for {n}?",
        "where is the page for {n}?", "where do you explain {n}?", "where do I ask about {n}?",
        "{r}. where do I turn?", "{r}. where do I find help?",
    },
    short = {
        "{n}", "{n}?", "{v}", "{v}?", "{n} help", "help {n}", "{n} how", "how {v}", "{n} please", "question {n}",
        "{k} help", "help {k}", "{k} how", "how {k}", "{k} please",
        "where {k}", "{k} where", "info {k}", "{k} now", "{k} question", "my {k}", "the {k}",
        "{n} question", "{n} page", "about {n}", "{r}", "info {n}", "{v} how",
    },
    polite = {
        "hello, could you please tell me how to {v}? Thank you.",
        "good morning, I would like to {v}; how is it done, please?",
        "dear team, could you please explain how I {v}?", "good afternoon, may I ask how to {v}?",
        "hello, I hope you are well. Could you please tell me where I can {v}?",
        "dear support, would you kindly help me to {v}?", "good evening, please be so kind and tell me how I {v}.",
        "good day, I wonder whether I can {v}; thank you very much.",
        "dear desk, I would be glad to know how to {v}.",
        "hello, my name is {person} and I would like to {v}, please.",
        "excuse me, could you please say something about {n}?",
        "good morning, I have a short question about {n}, please.",
        "dear team, could you please tell me all about {n}? Many thanks.",
        "hello, would you please help me with {n}?", "good day, {r}; could you please tell me what to do?",
        "dear support, {r}. Could you please look into it?", "hello, {r}. Would you kindly help me, please?",
        "good afternoon, {r}; what should I do, please?", "good evening, {r}. May I ask for your help?",
        "dear desk, {r}. Please tell me what comes next, thank you.",
    },
    casual = {
        "hey how do i {v}", "hi, i wanna {v}", "so how can i {v}", "gotta {v}, any idea", "cant {v}, help",
        "umm where do i {v}", "just wanna {v} ok", "whats the way to {v}", "can i {v} or what", "lemme {v} pls",
        "dont know how to {v}", "gonna {v}, what now", "hey any idea about {n}", "whats up with {n}",
        "hi, {n}, how does that work", "got a thing about {n}", "{n}, any help", "so {n}, what now", "hey {r}",
        "{r}, help pls", "{r}, what now", "{r} ugh", "hey guys {r}, any idea", "{r}, dont know what to do", "aw {r}",
        "ok so {r}", "gimme {n}", "im here about {n}", "thats about {n}", "wheres {n}", "do u know {n}",
        "whens the answer on {n}, {r}", "do u guys know how i {v}", "im trying to {v}, whats next",
    },
}
-- Key words and casual wording come twice: they are the hardest to learn.
phrases.styles = {"need", "how", "where", "short", "short", "polite", "casual", "casual"}
-- Words that nobody types into a search field.
phrases.small_words = "a an the my me i it is of to in for at on and or who was have had that do does not you we us"
    .. " your our this them they if be are can would there any so how where when what get got with up no want need see"

phrases.answers = {
    d = {
        "open {page} and press {button}.", "press {button} under {page}.", "tap {sign} and choose {button}.",
        "choose {button} at the bottom of {page}.", "slide {sign}, then wait {time}.",
        "scan {sign} and follow {sign}.", "turn on {button} with {sign}.", "follow {sign} until you see {sign}.",
        "remove {thing}, then press {button}.", "take {count} photos of {thing} and send them to {person}.",
        "ask {person}, who replies within {time}.", "click {button} beside {sign}, then enter {thing}.",
        "tell {person} before {day} and we correct it.", "enter {thing} under {page} and add {thing}.",
        "type {thing} in the box below {sign}.", "mute it with {sign} under {page}.",
        "unsubscribe with {sign}, or write to {person}.", "cancel it yourself under {page}.",
        "swap {thing} for {thing} at {place}.", "download {thing} as one file under {page}.",
        "close {page} and tick {button}.", "leave {thing} at {place} before {day}.",
        "{page} lets you enter {thing}; it is listed below {sign}.",
        "pack {thing} in {thing} and post it to {person}.",
    },
    t = {
        "most reach you within {time}.", "wait {time}, then look under {page}.",
        "it takes {time}, and {time} in winter.", "from {number} to {number}, {day} until {day}.",
        "after {time} you hear from {person}.", "you have {time}, counted from {day}.",
        "only {time}; the second time it takes {time}.", "in {time}, then it opens by itself.",
        "until {day} in most countries.", "we start on {day} and need {time}.",
        "refunds, cards and parcels arrive in {time}.", "it disappears after {time} without news.",
    },
    c = {
        "it is {money}, and free above {money}.", "{money} for one, {money} for {number}.",
        "we pay {money} and you pay {money}.", "there is no fee until {day}.",
        "split it into {count} payments of {money}.", "save {number} percent with {thing}.",
        "{money} at your home, nothing at {place}.", "{number} percent of the price, but at least {money}.",
        "each costs {money}, and both cost {money}.", "{count} helpers build it for {money}.",
        "each dollar earns {number} points.", "a single one is fine for {money}.",
    },
    r = {
        "{day} works for a small fee, {day} does not.", "yes, but only with {thing}.",
        "we accept {thing} and {thing}.", "only above {money}, or with {thing}.",
        "reserve it at {place} and pay {money}.", "bring {thing} to {place} before {day}.",
        "{thing} is welcome if nothing is broken.", "show us {thing} and we give you {money}.",
        "share {sign}; both of you get {money}.", "collect {thing} at {place} after {time}.",
        "no, ask {person} for an offer instead.", "we deliver to {country}, {country} and {country}.",
        "covered for {time}, with {thing} for {time}.", "a hundred points earn {thing}.",
        "pick {place} or {place} under {page}.", "keep {thing}; another leaves on {day}.",
    },
    i = {
        "it waits under {page}, beside {sign}.", "every list is below {sign}.",
        "our page {page} shows it after {sign}.", "dial {phone} and press {number}.",
        "it stands at {place}, beside {place}.", "scan {sign} under {thing}.",
        "measure {thing} and compare it with {thing}.", "search {page} and read the last line.",
        "print it from {page}.", "{person} has it at {place}.", "behind {place}, free for {time}.",
        "{page} lists it as a PDF.", "address a letter to {person} at {place}.", "read {sign} at the top of {page}.",
    },
}
-- The answer with the topic's name, which half of the shops use.
phrases.named = {"{name}: {answer}", "for {name}: {answer}", "about {name}: {answer}"}

phrases.words = {
    page = {
        "Settings", "Profile", "Security", "Orders", "Wallet", "Gifts", "Display", "Privacy", "Extras",
        "Delivery notes", "Help", "Tools", "Account", "Alerts", "Cart", "Checkout", "Returns", "Products", "Shipping",
        "Goods",
    },
    button = {
        "Forgot", "Again", "Get", "Start", "Send", "Another", "Change", "Two-step", "Rocket", "Code", "Print",
        "Gift wrap", "Lock", "Box", "Photo", "Parcel", "Refund", "Reserve", "Add", "Swap", "Tell us", "Password",
        "Email", "Students", "Erase", "Truck",
    },
    sign = {
        "the purple bubble", "the bell in the corner", "the moon switch", "the green truck", "the square code",
        "the silver strip", "the flags at the top", "the link in our mail", "the last line", "the map",
        "the scratch field", "the red button", "the small star", "the white arrow", "the total", "the lid",
        "the blue wheel", "the text message", "the yellow key", "the newsletter", "the chart", "the round lock",
    },
    thing = {
        "the old card", "another card", "a school card", "the carton", "your tax number", "another email address",
        "the code", "the return label", "the coupon", "a note", "the box", "a photo of the damage", "a seed packet",
        "old batteries", "your hand", "the spare part", "the right size", "cash", "a bank transfer", "a plant",
        "two petals", "a hundred petals", "everything you have", "the wrong thing", "the right one", "the difference",
        "the lower price", "the missing part", "your data", "the manual", "the real charge", "a single piece",
        "the square lid", "your link", "the order number", "the letter", "the tools",
    },
    place = {
        "the side door", "the greenhouse", "the bridge", "the shed", "any post office", "Mill Street", "your home",
        "a neighbour", "the bank", "the app store", "our shop", "the box office", "the checkout", "street 12",
        "the old mill", "the corner desk", "the garden gate", "the right street", "the second floor",
    },
    person = {
        "Mrs Abel", "Pavel", "Mr Stone", "Lina", "a helper", "the driver", "our team", "Mrs Reed", "Tomas", "Ines",
        "Mr Holm", "Greta", "Oskar", "Mrs Vale",
    },
    time = {
        "two hours", "three days", "ten days", "five working days", "fifteen minutes", "thirty days", "sixty days",
        "a month", "three years", "one year", "a day", "four weeks", "nine minutes", "six months", "eight hours",
        "two days", "one evening", "twenty minutes", "a week", "seven days",
    },
    money = {
        "four dollars", "eight dollars", "ten dollars", "fifty dollars", "thirty dollars", "ninety dollars",
        "six dollars", "one dollar", "twenty dollars", "nothing", "a small fee", "two dollars", "sixty dollars",
        "nine dollars",
    },
    number = {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve", "twenty",
    "fifty"},
    count = {"two", "three", "four", "five", "six"},
    phone = {"555 0111", "555 0126", "555 0137", "555 0153", "555 0168", "555 0174", "555 0182", "555 0195",
    "514 2055", "420 1550"},
    day = {
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "tomorrow", "tomorrow evening",
        "noon", "today", "the day it ships", "the day it came",
    },
    country = {"Canada", "Norway", "Japan", "Spain", "France", "Chile", "Kenya", "India", "Poland", "Peru"},
}

phrases.shops = {
    "Alder Court", "Birch & Bell", "Copperfield Goods", "Daisy Lane", "Elm Harbour", "Foxglove", "Granite House",
    "Hazel Market", "Ivy Station", "Juniper Works", "Kestrel Supply", "Linden Hall", "Maple Row", "Nettle & Co",
    "Oakum Stores", "Pebble Bay", "Quince Garden", "Rowan Depot", "Sorrel", "Thistle Yard", "Umber Tools",
    "Violet Hill", "Willow Desk", "Yarrow", "Zinnia Post", "Amber Wharf", "Bramble", "Clover Point", "Dovetail",
    "Ember Craft", "Fern Valley", "Gorse Trading", "Heather Mill", "Iris Home", "Jasmine Walk", "Knapweed",
    "Laurel Gate", "Mallow", "Norland Kit", "Orchard Nine",
}
phrases.shop_prompts = {"You answer for {shop}.", "You answer for {shop}.", "You answer for {shop}.",
"You are the help desk of {shop}.",
    "{shop} support desk."}

phrases.openers = {
    {"hello", "Hello, how can I help?"}, {"hi", "Hello, how can I help?"}, {"good morning",
    "Good morning, what can I do for you?"},
    {"good evening", "Good evening, what can I do for you?"}, {"hey", "Hello, how can I help?"}, {"are you there?",
    "Yes, how can I help?"},
    {"I have two questions.", "Please ask them one after the other."}, {"can you help me?", "Yes, please ask."},
}
phrases.closers = {
    {"thank you", "You are welcome."}, {"thanks", "You are welcome."}, {"thanks a lot, bye",
    "Goodbye, and a good day."},
    {"great, that helped", "I am glad it did."}, {"ok", "Is there anything else?"}, {"perfect, thank you very much",
    "You are welcome."},
    {"goodbye", "Goodbye, and a good day."}, {"no, that is all", "Then have a good day."},
}

phrases.texts = {
    "{noun} and {noun2} are about the same thing: {name}.",
    "Some ask how to {verb}, some how to {verb2}. It is all about {name}.",
    "When people say that {remark}, they ask about {name}.", "Topic: {name}. Also: {noun}, {noun2}, {verb}, {verb2}.",
    "{shop}, {name}. {answer}", "At {shop} somebody asked: {question} The answer was: {answer}",
    "Question: {question} Question: {question2} Both are about {name}.",
    "Question: {question} Not about {other}, but about {name}.", "{question} {question2} {shop} says: {answer}",
}

return phrases
