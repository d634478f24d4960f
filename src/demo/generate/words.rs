//! The words that names are made of.

/// A word as it is in a login, and as it is shown.
pub(super) type Word = (&'static str, &'static str);

/// Where given and family names go together.
#[derive(Debug)]
pub(super) struct Language {
    pub(super) given: &'static [Word],
    pub(super) family: &'static [Word],
    pub(super) order: Order,
}

/// How a name is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    GivenFirst,
    FamilyFirst,
    /// Family first, without a space.
    Joined,
}

macro_rules! words {
    ($($lower:literal $shown:literal),* $(,)?) => { &[$(($lower, $shown)),*] };
}

pub(super) static LANGUAGES: [Language; 9] = [
    Language {
        given: words![
            "alice" "Alice", "andrew" "Andrew", "beth" "Beth", "caleb" "Caleb", "claire" "Claire",
            "daniel" "Daniel", "diana" "Diana", "edward" "Edward", "emma" "Emma", "ethan" "Ethan",
            "fiona" "Fiona", "gavin" "Gavin", "grace" "Grace", "hannah" "Hannah", "henry" "Henry",
            "isaac" "Isaac", "jade" "Jade", "joel" "Joel", "judith" "Judith", "keira" "Keira",
            "liam" "Liam", "lucy" "Lucy", "martin" "Martin", "megan" "Megan", "nathan" "Nathan",
            "olive" "Olive", "owen" "Owen", "paula" "Paula", "quentin" "Quentin", "rachel" "Rachel",
            "robert" "Robert", "ruth" "Ruth", "samuel" "Samuel", "sophie" "Sophie", "thomas" "Thomas",
            "tracy" "Tracy", "vera" "Vera", "walter" "Walter", "yvonne" "Yvonne", "zachary" "Zachary",
        ],
        family: words![
            "archer" "Archer", "baker" "Baker", "barnes" "Barnes", "bishop" "Bishop", "brooks" "Brooks",
            "carter" "Carter", "clark" "Clark", "cole" "Cole", "dawson" "Dawson", "dixon" "Dixon",
            "ellis" "Ellis", "fisher" "Fisher", "fletcher" "Fletcher", "foster" "Foster",
            "gibson" "Gibson", "grant" "Grant", "harper" "Harper", "hayes" "Hayes", "hughes" "Hughes",
            "irving" "Irving", "jarvis" "Jarvis", "keller" "Keller", "knight" "Knight", "lawson" "Lawson",
            "lowe" "Lowe", "marsh" "Marsh", "mason" "Mason", "miller" "Miller", "newton" "Newton",
            "obrien" "O'Brien", "palmer" "Palmer", "parker" "Parker", "porter" "Porter", "quinn" "Quinn",
            "reed" "Reed", "rowe" "Rowe", "shaw" "Shaw", "slater" "Slater", "stone" "Stone",
            "tanner" "Tanner", "turner" "Turner", "vance" "Vance", "walsh" "Walsh", "ward" "Ward",
            "webb" "Webb", "weston" "Weston", "winter" "Winter", "wood" "Wood", "wyatt" "Wyatt",
            "young" "Young",
        ],
        order: Order::GivenFirst,
    },
    Language {
        given: words![
            "adriana" "Adriana", "alvaro" "Álvaro", "andres" "Andrés", "beatriz" "Beatriz",
            "camila" "Camila", "catalina" "Catalina", "diego" "Diego", "elena" "Elena",
            "esteban" "Esteban", "ines" "Inés", "joao" "João", "jorge" "Jorge", "lucia" "Lucía",
            "mateo" "Mateo", "monica" "Mónica", "nuria" "Nuria", "pablo" "Pablo", "raul" "Raúl",
            "sofia" "Sofía", "tomas" "Tomás",
        ],
        family: words![
            "aguilar" "Aguilar", "almeida" "Almeida", "blanco" "Blanco", "campos" "Campos",
            "castillo" "Castillo", "cruz" "Cruz", "diaz" "Díaz", "fonseca" "Fonseca", "garcia" "García",
            "ibanez" "Ibáñez", "lopes" "Lopes", "marquez" "Márquez", "nunez" "Núñez", "ortega" "Ortega",
            "pena" "Peña", "ramos" "Ramos", "santos" "Santos", "silva" "Silva", "vargas" "Vargas",
            "zamora" "Zamora",
        ],
        order: Order::GivenFirst,
    },
    Language {
        given: words![
            "anneliese" "Anneliese", "bjorn" "Björn", "astrid" "Astrid", "dieter" "Dieter",
            "freya" "Freya", "gudrun" "Gudrun", "jorg" "Jörg", "jurgen" "Jürgen", "kathe" "Käthe",
            "lars" "Lars", "mats" "Mats", "nils" "Nils", "oyvind" "Øyvind", "petra" "Petra",
            "rasmus" "Rasmus", "sigrid" "Sigrid", "soren" "Søren", "uwe" "Uwe",
        ],
        family: words![
            "aberg" "Åberg", "bauer" "Bauer", "berglund" "Berglund", "dahl" "Dahl", "eriksen" "Eriksen",
            "fuchs" "Fuchs", "gross" "Groß", "hakansson" "Håkansson", "jager" "Jäger", "kruger" "Krüger",
            "lindqvist" "Lindqvist", "moller" "Møller", "nygard" "Nygård", "ostberg" "Östberg",
            "schafer" "Schäfer", "thorsen" "Thorsen", "vogel" "Vogel", "weiss" "Weiß",
        ],
        order: Order::GivenFirst,
    },
    Language {
        given: words![
            "agnieszka" "Agnieszka", "bartosz" "Bartosz", "elzbieta" "Elżbieta", "jiri" "Jiří",
            "katerina" "Kateřina", "lukasz" "Łukasz", "malgorzata" "Małgorzata", "ondrej" "Ondřej",
            "pawel" "Paweł", "radek" "Radek", "stanislaw" "Stanisław", "zdenka" "Zdeňka",
        ],
        family: words![
            "cerny" "Černý", "dabrowski" "Dąbrowski", "dvorak" "Dvořák", "kowalczyk" "Kowalczyk",
            "krejci" "Krejčí", "lis" "Lis", "nowak" "Nowak", "prochazka" "Procházka", "sikora" "Sikora",
            "wozniak" "Woźniak", "zajac" "Zając", "zeman" "Zeman",
        ],
        order: Order::GivenFirst,
    },
    Language {
        given: words![
            "alexei" "Алексей", "boris" "Борис", "dmitri" "Дмитрий", "galina" "Галина", "irina" "Ирина",
            "ksenia" "Ксения", "marina" "Марина", "nadia" "Надя", "oleksandr" "Олександр", "pavel" "Павел",
            "svetlana" "Светлана", "yuri" "Юрий",
        ],
        family: words![
            "bondar" "Бондар", "fedorenko" "Федоренко", "gromov" "Громов", "kovalenko" "Коваленко",
            "lebed" "Лебедь", "melnyk" "Мельник", "moroz" "Мороз", "orel" "Орел", "pavlenko" "Павленко",
            "shevchuk" "Шевчук", "sokol" "Сокол", "zhuk" "Жук",
        ],
        order: Order::GivenFirst,
    },
    Language {
        given: words![
            "akiko" "明子", "daiki" "大輝", "haruka" "遥", "hiroshi" "浩", "kenta" "健太", "mai" "舞", "naoko" "直子",
            "ren" "蓮", "sakura" "さくら", "takumi" "拓海", "yuki" "雪", "yuta" "悠太",
        ],
        family: words![
            "abe" "阿部", "fujita" "藤田", "hayashi" "林", "ito" "伊藤", "kimura" "木村", "mori" "森",
            "nakamura" "中村", "ono" "小野", "saito" "斎藤", "tanaka" "田中", "ueda" "上田", "yamada" "山田",
        ],
        order: Order::FamilyFirst,
    },
    Language {
        given: words![
            "bo" "波", "chen" "晨", "fang" "芳", "hao" "浩", "jing" "静", "lei" "磊", "min" "敏", "ping" "平",
            "qiang" "强", "xiaoming" "小明", "yan" "燕", "ying" "英",
        ],
        family: words![
            "deng" "邓", "gao" "高", "huang" "黄", "li" "李", "liu" "刘", "sun" "孙", "wang" "王", "xu" "徐",
            "yang" "杨", "zhang" "张", "zhao" "赵", "zhou" "周",
        ],
        order: Order::Joined,
    },
    Language {
        given: words![
            "amina" "أمينة", "bilal" "بلال", "fatima" "فاطمة", "hassan" "حسن", "karim" "كريم",
            "layla" "ليلى", "nour" "نور", "omar" "عمر", "rania" "رانيا", "yusuf" "يوسف",
        ],
        family: words![
            "amin" "أمين", "darwish" "درويش", "farouk" "فاروق", "haddad" "حداد", "khalil" "خليل",
            "mansour" "منصور", "najjar" "نجار", "qasim" "قاسم", "saleh" "صالح", "zayd" "زيد",
        ],
        order: Order::GivenFirst,
    },
    Language {
        given: words![
            "aarav" "आरव", "ananya" "अनन्या", "deepak" "दीपक", "divya" "दिव्या", "kavita" "कविता",
            "meera" "मीरा", "nikhil" "निखिल", "priya" "प्रिया", "rohan" "रोहन", "sanjay" "संजय",
            "usha" "उषा", "vikram" "विक्रम",
        ],
        family: words![
            "bhatt" "भट्ट", "chopra" "चोपड़ा", "desai" "देसाई", "gupta" "गुप्ता", "iyer" "अय्यर",
            "joshi" "जोशी", "kapoor" "कपूर", "menon" "मेनन", "nair" "नायर", "patel" "पटेल", "rao" "राव",
            "verma" "वर्मा",
        ],
        order: Order::GivenFirst,
    },
];

/// Groups that every company has; the most popular ones.
pub(super) const DEPARTMENTS: [&str; 16] = [
    "staff",
    "engineering",
    "product",
    "sales",
    "support",
    "operations",
    "marketing",
    "finance",
    "people",
    "security",
    "data",
    "design",
    "legal",
    "it",
    "research",
    "facilities",
];

pub(super) const TOPICS: [&str; 61] = [
    "accounts",
    "ads",
    "alerts",
    "analytics",
    "archive",
    "audit",
    "backup",
    "billing",
    "booking",
    "catalog",
    "chat",
    "checkout",
    "cloud",
    "compliance",
    "content",
    "contracts",
    "customs",
    "delivery",
    "devices",
    "discovery",
    "docs",
    "email",
    "events",
    "exports",
    "feeds",
    "forecast",
    "fraud",
    "gateway",
    "geo",
    "hiring",
    "identity",
    "imports",
    "inventory",
    "invoices",
    "loans",
    "loyalty",
    "maps",
    "media",
    "metrics",
    "mobile",
    "network",
    "notify",
    "orders",
    "partners",
    "payments",
    "payroll",
    "platform",
    "pricing",
    "profiles",
    "quality",
    "recommend",
    "reports",
    "returns",
    "risk",
    "routing",
    "search",
    "shipping",
    "storage",
    "tax",
    "travel",
    "warehouse",
];

pub(super) const TEAMS: [&str; 12] = [
    "team",
    "leads",
    "oncall",
    "reviewers",
    "contractors",
    "operators",
    "guild",
    "admins",
    "interns",
    "partners",
    "stewards",
    "approvers",
];

pub(super) const LEVELS: [&str; 9] =
    ["viewer", "editor", "admin", "auditor", "approver", "operator", "developer", "support", "owner"];

pub(super) const PARTS: [&str; 24] = [
    "api", "web", "worker", "infra", "docs", "sdk", "cli", "jobs", "models", "schema", "deploy", "tests",
    "proxy", "cache", "sync", "ui", "ios", "android", "core", "tools", "bot", "pipeline", "site", "legacy",
];

pub(super) const TASKS: [&str; 10] =
    ["deploy", "backup", "ci", "monitor", "sync", "report", "scanner", "release", "mailer", "ingest"];
