"""The words that people put into file names. A new naming habit that is a word belongs here.

Every table is data: folded words, and no spaces or dots inside an entry that stands for several words
("web dl" and "WEB-DL" are both looked up as "webdl").
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _numbered(text: str) -> dict[str, int]:
    return {word: number for number, word in enumerate(text.split(), start=1)}


EXTENSIONS = _words("""
    3g2 3gp asf avi avs bdmv bin divx dvr dvrms f4v flv h264 h265 hevc ifo img iso m1v m2p m2t m2ts
    m2v m4v mk3d mkv mov mp4 mpe mpeg mpg mpg4 mpv mts mxf nrg nsv nut ogg ogm ogv part qt ram rec
    rm rmvb strm swf torrent trp ts tp vdr vob webm wmv wtv xvid yuv patch nfo srt ass zip rar 7z
""")

# What a release says about itself. STRONG words end a title wherever they stand; WEAK words are words of
# titles too ("The French Connection", "Final Cut"), and end a title only when nothing but more such words
# and a strong one, a year or the end of their bracket follow.
STRONG = {
    "resolution": _words("""
        4k uhd fhd hd720 hd1080 2160 1080 720 480 qhd uhd4k ultrahd fullhd 8k 576 sdtv hdready 720hd
        1080hd hd720p hd1080p pal ntsc secam 4kultrahd microhd upscaled upscale
    """),
    "source": _words("""
        bluray bdrip brrip bdremux bdmux remux bdmv hddvd hddvdrip blurayrip brmux dvd dvdr dvdrip
        dvdscr dvd5 dvd9 dvdivx dvdmux dvdfull dvdremux dvb dvbrip dvbc dvbs dvbt dtt dsr dsrip
        satrip tvrip hdtv hdtvrip hdtvmux pdtv pdtvrip dthrip ppv ppvrip vodrip webrip webdl
        webdlrip webdlmux webmux webhd webuhd weburip hdrip uhdrip dmrip ldrip laserdisc vhs vhsrip
        camrip hdcam telesync hdts telecine hdtc tcrip workprint screener dvdscreener predvd
        predvdrip bdiso uhdbd uhdbluray uhdtv uhdremux dlmux hdtvremux hddvdremux blurayremux
        bluraydisc hdlight webscreener webscr bdscr hqcam nfrip amznrip amzrip truewebdl webcap iptvrip
        bd25 bd50
    """),
    "video": _words("""
        hsbs hou halfsbs halfou fullsbs fullou halfoverunder mvc
        x264 x265 h264 h265 h266 vvc x262 h262 hevc avc xvid divx mpeg2 mpeg4 mpg2 vp8 vp9 vc1 av1 10bit 8bit
        12bit hi10 hi10p hi444pp ma10p hevc10 hevc10bit hdr hdr10 hdr10plus sdr hlg dolbyvision dovi
        bt709 bt2020 yuv420p8 yuv420p10 yuv444p10 nvenc hfr avchd
    """),
    "audio": _words("""
        aac ac3 eac3 ac3d eac3d dts dtsd dtshd dtshdma dtshdhra dtsx dtses dtsma ddp ddplus ddex dolby
        dolbydigital atmos truehd flac mp3 mp2 opus vorbis ogg lpcm pcm heaac lcaac qaac dolbyatmos
        ddpatmos ddpa mpa2 dualaudio 2audio multiaudio dts5 aaclc heaacv2 dtsexpress tripleaudio
        quadaudio bgaudio
    """),
    "subtitle": _words("""
        vostfr vosta vost subforced nlsubs msub msubs esub esubs hebsubs swesub subfrench hardsub
        softsub multisub multisubs subita engsub engsubs multiplesubtitle hardcodedsubs exyusubs
        plsub plsubs plsubbed hebsub fansub fastsub vostit hcsub hcsubs legendado subtitulado softsubs korsub
    """),
    "container": _words("mkv mp4 avi wmv m2ts"),
}
WEAK = {
    "audio": _words("dd"),
    "language": _words("""
        french truefrench vf vff vfq vfi vf2 vo voa multi multi3 multi4 german deutsch english eng
        italian ita italiano spanish spa esp espanol español castellano latino lat spanishaudio
        japanese jpn jap jp korean kor chinese chi chs cht mandarin cantonese russian rus ukr
        ukrainian polish pl pldub dutch nl flemish swedish swe norwegian danish finnish nordic hindi
        tamil telugu kannada malayalam bengali marathi punjabi gujarati tam tel mal hin portuguese
        por ptbr brazilian turkish hungarian hun czech cze cz slovak sk hebrew heb arabic ara thai
        vietnamese indonesian greek romanian bulgarian swissgerman dual dub dubbed dublado subbed vose
        subtitles softsubs sub subs ger fre fra fr en de es it ru ua ro dublaj lektor napisy
        jpnen legenda serbian croatian slovenian estonian latvian lithuanian catalan
        icelandic persian farsi kan urdu tagalog
        linedubbed micdubbed مترجم مترجمة مدبلج مدبلجة
    """),
    "edition": _words("""
        extended uncut unrated remastered remaster theatrical imax dc se ee
        ultimate criterion limited edition restored
        colorized 3d sbs ou hybrid openmatte uncensored censored
        fullscreen widescreen ws fs redux recut preair om hdr3d vr180
    """),
    "release": _words("""
        proper repack rerip internal readnfo nfofix nfo prooffix proof dirfix dubfix subfix syncfix
        audiofix samplefix realproper realrepack
        retail hc stv doku docu documentary dokumentation untouched hr obfuscated scrambled
        asrequested postbot reenc hdc dl ml md ld v0 v1 v2 v3 v4 v5 repack2 rerip2 proper2 fanres
        oar rated hqclean 2in1 3in1 rm4k regraded synced
    """),
    "origin": _words("""
        web cam scr vod r5 d9 bd bd25 bd50 mhd webcap ts tc hq bt dv hd h ai line mic custom real
        complete amzn amazon nf netflix dsnp hmax atvp pcok pmtp hulu viutv baha zee5 sonyliv
        hoichoi hotstar funi hidive crunchyroll itunes org sd 35mm
    """),
    "service": _words("""
        hbo iplayer ip cr adn dm stan crav cbs nbc abc fox cw mtv ae cc disc red vice pbs rte tvnz
        mubi 9now ifx opto rktn gaga blu boom free amazonprime now max sky all4 hbogo dmp thecw
        discovery pbsk 4od ambc anlb anpl ard as aubc bcore bnge bkpl brav cbc ccgc chgd cmax cmor
        cmt cn cnbc cngo cook core crkl cspn ctv cur cws dcu ddy dest df dhf diy docc dply drpo dscp
        dski dtv epix espn esq etv fah fam fbwatch fjr food fpt ftv fyi gc glbl glob go90 gplay hgtv
        hidi hist hlmk ifc int itv joyn kayo know knpb ks life ln mbc mnbc mtod natg nba nbla nfb
        nfl nfln nick nrk oxgn pf play pluz pmnp pmnt pogo psn puhu qibi roku rstr seso shmi sho
        snet sony spik spke spike sprt strp stz svt swer syfy tbs ten tfou timv tlc tou trvl tubi
        tv3 tv4 tving tvl ufc uktv univ usan vh1 viap vlct vmeo vrv wme wnet wwen xbox yhoo yt
        youtube zdf hallmark iqiyi it ma skst unxt tver abema bili bglobal wetv youku mgtv wavve cpng
        jstar jhs htsr lgp sunxt aha voot britbox brtb shudder shud kanopy ruutu drtv amc tnt bbc syfy
    """),
}
# Weak words that a show's title does not end in, if they stand right before its numbers.
VERSION_WORDS = _words("""
    dub dubbed subbed dublado legendado uncensored uncut castellano latino multi vf vff
    مترجم مترجمة مدبلج مدبلجة
""")
# Two or more weak words that no title ends in: an edition said in full.
EDITIONS = _words("""
    directorscut extendedcut extendededition extendedversion theatricalcut theatricaledition
    theatricalversion specialedition ultimateedition ultimatecut finalcut unratedcut unratededition
    uncutversion theuncutversion anniversaryedition criterioncollection collectorsedition
    limitededition imaxedition imaxenhanced alternatecut versionlongue hdremaster completeversion splitscenes
    10thanniversary 15thanniversary 20thanniversary 25thanniversary 30thanniversary 35thanniversary
    40thanniversary 50thanniversary internationalcut assemblycut despecialized despecializededition
    fanedit roguecut noiredition blackandwhiteedition alternativecut producerscut editorscut
    openmatteedition remasterededition roadshowversion roadshowedition originalcut longversion superdupercut
    tvcut chronocut alternateending rifftrax steelbookedition deluxeedition goldedition platinumedition
    diamondedition definitiveedition completeseries completeminiseries completecollection completeseasons
    seriecompleta collectionintegrale fullmovie fullfilm peliculacompleta películacompleta filmcompleto
    filmcomplet ganzerfilm полныйфильм
""")

# Words beside the number of a season or an episode, in the languages that people name files in.
SEASON_WORDS = _words("""
    season saison staffel stagione temporada seizoen säsong sasong sezon sezonul сезон сезона sezona
    sezóna évad evad kausi s sæson sesong series temp tem sn se シーズン 시즌 الموسم موسم עונה
    فصل phần musim ซีซั่น сезони σεζόν κύκλος sesija sezonas seasons série séria řada hooaeg სეზონი t الجزء ج
""")
# These need an episode beside them: "Series 2 Part 11".
SEASON_WEAK = _words("series série temp tem sn se s t الجزء ج")
EPISODE_WORDS = _words("""
    episode episodes episodio episódio épisode épisodes episodios folge capitulo capítulo cap caap
    aflevering afl avsnitt серия серії серии эпизод выпуск seria seriya serya odcinek odc bölüm
    bolum blm rész resz díl jakso afsnit episodul epizoda epizod puntata tập ep eps e sp ova oad ona
    епізод епізоди епізоду odcinki odcinków epizody
    capítulos capitulos capítol епизод епизода
    serija serii episodi episood qism бөлім სერია επ
    قسمت الحلقة الحلقه حلقة ح פרק επεισόδιο ตอน
    ตอนที่ tap folgen sérija серія серії ép एपिसोड
""")
EPISODE_WEAK = _words("e sp ح")  # only right after a season: "S01.E.01"
NUMBER_FIRST = _words("""
    serija serii sezona sezonas epizoda epizod séria časť řada hooaeg episood qism бөлім სერია სეზონი
    сезон сезона sezon sezóna évad evad temporada серия серії серии seria seriya serya bölüm bolum
    blm rész resz díl jakso osa серія серії сезону sezonu série staffel folge stagione saison sæson
    sesong säsong kausi afsnit avsnitt выпуск
""")  # languages that also put the number before the word: "2. évad 5. rész"
ORDINAL_ENDINGS = _words("й я го ый ая ой ья е ci cı cu cü")
SPLIT_EPISODE_WORDS = _words("cap caap")  # Spanish releases write season 4, episode 8 as "Cap.408"
ENDING_WORDS = _words(
    "end fin final finale 完 完结 終 终 最終話 最終回 最终话 最终回 大结局 大結局"
)  # the last episode
OF_WORDS = _words("of di van din из iz von de")
FUNCTION_WORDS = _words(
    "the a an of in to and or for with on at by from about le la les el los il der die das my our your"
)
AND_WORDS = _words("and und et y и en og och i та")
TO_WORDS = _words("to ao bis до a al à til tot do")  # "a" is an article too
PART_WORDS = _words("part pt teil parte partie часть chast osa časť")
VOLUME_WORDS = _words("vol volume")
FILM_WORDS = _words("movie film gekijouban")
EVENT_WORDS = _words("ufc bellator wrestlemania ksw invicta rizin")  # counted through, and no episodes
GROUP_WORDS = _words("group team sub subs fansub fansubs raw raws encodes rips releases")
DISC_WORDS = _words("cd disc disk dvd диск")
NUMBER_WORDS = _numbered("one two three four five six seven eight nine ten") | _numbered(
    "i ii iii iv v vi vii viii ix x xi xii"
)
ORDINAL_WORDS = {
    word: number
    for words in (
        "first second third fourth fifth sixth seventh eighth",
        "erste zweite dritte vierte fünfte sechste siebte achte",
        "première deuxième troisième quatrième cinquième sixième septième huitième",
        "primera segunda tercera cuarta quinta sexta séptima octava",
        "prima seconda terza quarta quinta sesta settima ottava",
        "primeira segunda terceira quarta quinta sexta sétima oitava",
        "первый второй третий четвёртый пятый шестой седьмой восьмой",
        "pierwszy drugi trzeci czwarty piąty szósty siódmy ósmy",
    )
    for word, number in _numbered(words).items()
}
# These stand behind their word: "الموسم الثاني", "فصل دوم", "עונה שנייה".
ORDINALS_BEHIND = {
    word: number
    for words in (
        "الأول الثاني الثالث الرابع الخامس السادس السابع الثامن التاسع العاشر",
        "الأولى الثانية الثالثة الرابعة الخامسة السادسة السابعة الثامنة التاسعة العاشرة",
        "اول دوم سوم چهارم پنجم ششم هفتم هشتم نهم دهم",
        "ראשונה שנייה שלישית רביעית חמישית שישית שביעית שמינית תשיעית עשירית",
        "الاول", "الاولى",
    )
    for word, number in _numbered(words).items()
}  # fmt: skip
TEENS = _words("عشر عشرة")  # behind the second word of "الثاني عشر", the twelfth
# Before the day of an edition: "Tagesschau vom 12.03.2021".
DATE_WORDS = _words("vom from du del dal от z")
# Before a day with its month in letters.
WEEKDAYS = _words("""
    mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday
""")
# Before a number these are no title's words.
COUNTING_WORDS = _words("chapter chapitre kapitel capitolo no nr number session")
CJK_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "兩": 2,
}
MONTHS = {
    name: month
    for month, names in enumerate(
        ("jan january januar janvier enero gennaio janeiro января stycznia ocak",
         "feb february februar février febrero febbraio fevereiro февраля lutego şubat",
         "mar march märz mars marzo março марта marca mart",
         "apr april avril abril aprile апреля kwietnia nisan",
         "may mai mayo maggio maio мая maja mayıs",
         "jun june juni juin junio giugno junho июня czerwca haziran",
         "jul july juli juillet julio luglio julho июля lipca temmuz",
         "aug august août agosto августа sierpnia ağustos",
         "sep sept september septembre septiembre settembre setembro сентября września eylül",
         "oct october oktober octobre octubre ottobre outubro октября października ekim",
         "nov november novembre noviembre novembro ноября listopada kasım",
         "dec december dezember décembre diciembre dicembre dezembro декабря grudnia aralık"), start=1,
    )
    for name in names.split()
}  # fmt: skip
# First halves of names with a hyphen: a scene group in front looks the same ("grp-the.film", "ant-man").
COMPOUND_PREFIXES = _words("""
    ant spider bat super wall kick x he she anti non un pre post semi self half co ex re mid tv sci
    hi yu all back bad big bird black blood blue body bone born boy break broken by cat city cold
    cool cow cross cut dark day dead deep dog double down dream drop dumb ever extra eye face fast
    fire first five fly four full get ghost girl go god gold good great green grown gun hand hard
    head heart hell hello high hip hit home hot ice in iron jean kid kill king know lady last late
    life light live long look lost love low mad made make man mary master mind mini mixed mother
    multi new night nine no north off old on one open out over own pay ping play pop red rich right
    rock room run sea seven sex short show side silver sister six slow small snow soft south star
    step still stop street sub sun sweet take tell ten the three time top true twelve twenty twin
    two under up war warm water way well west white wild wolf woman wonder work world young
""")
# Behind these, "us" in small letters is the pronoun: "this is us", "one of us".
BEFORE_PRONOUN = _words("""
    about above after against all among and are around at before behind below beneath beside between beyond
    by can for forgive free from give help in is into join judge kill let like love made make near not of
    on one over save see tell than that the then to took trust under unto upon was watch what who with
    within without
""")
COUNTRIES = {"us": "US", "usa": "US", "uk": "GB", "gb": "GB", "au": "AU", "nz": "NZ", "ca": "CA"}

# Folders that sort files and name nothing.
SHELVES = _words("""
    movies movie films film video videos tv tvshows shows show series tvseries anime animes cartoons kids
    documentaries documentary serien filme peliculas фильмы сериалы аниме мультфильмы myvideos mymovies
    downloads download downloadsfinished dl torrents torrent utorrent incomplete complete unsorted new temp
    tmp
    watched unwatched collection library media medias live storage data public share nas server volume1
    hdd disk mnt srv var root home users user desktop documents plex jellyfin emby kodi test tvdrop av
    dvr pvr recordings recorded recordedtv tvrecordings aufnahmen timeshift youtube ytdl ytdlp
    4k hd uhd 1080p 720p
    bdmv stream videots disc1 disc2 disc3 disc4 disk1 disk2 cd1 cd2 dvd dvd1 dvd2 dvd3 dvd4
    files completed seeding seedbox rtorrent qbittorrent sabnzbd nzbget usenet webdav dav gdrive googledrive
    onedrive dropbox nextcloud realdebrid alldebrid vidéos vídeos séries filmes filmy seriale filmek
    sorozatok filmler diziler dizi elokuvat sarjat filmer serier seriály téléchargements descargas pobrane
    загрузки видео фильм сериал кино мульты أفلام افلام مسلسلات فيلم مسلسل سریال فیلم phim
    电影 电视剧 剧集 连续剧 下载 视频 动漫 動漫 番剧 国漫 映画 ドラマ アニメ 영화 드라마 애니 أنمي انمي
""")
ANIME_SHELVES = _words("anime animes アニメ аниме 动漫 動漫 动画 番剧 国漫 애니 애니메이션 أنمي انمي انیمه")
SPECIAL_FOLDERS = _words("specials special extras0 season0 season00 s00 спецвыпуски")
OVA_WORDS = _words("ova oad ona ovas oads special specials sp")

# What accompanies a film or episode and is none: by the last words of a name, and by the name of a folder.
EXTRA_WORDS = {
    "trailer": "a trailer", "teaser": "a teaser", "sample": "a sample", "featurette": "a featurette",
    "behindthescenes": "behind the scenes", "deletedscene": "a deleted scene",
    "deletedscenes": "deleted scenes", "bloopers": "bloopers", "gagreel": "a gag reel",
    "makingof": "a making-of", "preview": "a preview", "outtakes": "outtakes", "menu": "a disc's menu",
}  # fmt: skip
RECAP = "a recap between two episodes"
EXTRA_SUFFIXES = {  # words of titles too, unless a hyphen joins them to the end
    "deleted": "a deleted scene", "interview": "an interview", "scene": "a scene", "short": "a short",
    "other": "an extra", "extra": "an extra", "clip": "a clip",
}  # fmt: skip
EXTRA_FOLDERS = {
    "sample": "samples", "samples": "samples", "extras": "extras", "extra": "extras",
    "behindthescenes": "extras", "deletedscenes": "deleted scenes", "featurettes": "featurettes",
    "featurette": "featurettes", "interviews": "interviews", "scenes": "scenes", "shorts": "shorts",
    "trailers": "trailers", "trailer": "trailers", "bonus": "extras", "bonusfeatures": "extras",
    "bonusdisc": "extras", "specialfeatures": "extras", "menus": "menus", "menu": "menus",
    "nc": "creditless openings and endings", "ncopnced": "creditless openings and endings",
    "creditless": "creditless openings and endings", "backdrops": "backdrops",
    "themesongs": "theme songs", "makingof": "extras", "bloopers": "bloopers",
    "sp&extras": "extras", "pv": "trailers", "cm": "advertisements",
}  # fmt: skip

# Titles whose number or last word the readers would take for something else. `|` stands between titles.
NUMBER_TITLES = frozenset(title for line in """
    10 cloverfield lane|10 things i hate about you|100 man no inochi no ue ni ore wa tatteiru
    101 dalmatians|102 dalmatians|11.22.63|12 angry men|12 monkeys|12 years a slave|127 hours
    13 going on 30|13 hours|13 reasons why|1408|1492 conquest of paradise|16 blocks|1670|17 again|1776
    1864|1883|1899|1900|1911|1917|1922|1923|1941|1945|1984|1985|1987 when the day comes|2 broke girls
    2 fast 2 furious|2 guns|20-20|2001 a space odyssey|2010 the year we make contact|2012
    2036 origin unknown|2046|2067|21|21 bridges|21 grams|21 jump street|22 july|22 jump street|24
    24 hour party people|24 legacy|27 dresses|28 days later|28 weeks later|28 years later
    3 body problem|3 idiots|3 ninjas|3 women|30 days of night|30 rock|30 sai no hoken taiiku|300|3022|31
    365 days|3x3 eyes|40 days and 40 nights|42|4400|48 hrs|50 first dates|55 days at peking
    6 underground|60 minutes|69|8 mile|8 simple rules|84 charing cross road|86
    88 minutes|9|9-1-1|9-1-1 lone star|90 day fiance|91 days|99|99 homes|999|adam-12|agent 327|agent 47
    airport 1975|airport 77|apollo 10|apollo 11|apollo 13|apollo 18|archive 81|area 51|area 88
    assault on precinct 13|babylon 5|ben 10|ben 10 alien force|ben 10 omniverse|ben 10 ultimate alien
    beverly hills 90210|big hero 6|blade runner 2049|bubblegum crisis tokyo 2040|buffalo 66|butterfield 8
    car 54 where are you|catch-22|cell 211|class of 07|class of 09|class of 1984|class of 1999
    class of 92|code 404|code 46|code 8|cyborg 009|death race 2000|death race 2050|deep space 9
    digimon adventure 02|dinosaur 13|district 13|district 9|fahrenheit 11 9|fahrenheit 451
    fahrenheit 9 11|flight 7500|flight 93|force 10 from navarone|friday the 13th|galactica 1980
    ghost in the shell sac 2045|golgo 13|gundam 00|gundam 0080|gundam 0083|heavy rescue 401
    hitman agent 47|hotel 626|house of 1000 corpses|id 0|interstate 60|ip man 4|johnny english|k-19
    kaiju no 8|level 16|mickey 17|mob psycho 100|mobile suit gundam 00|mobile suit gundam 0080
    mobile suit gundam 0083|movie 43|ocean's 11|ocean's 12|ocean's 13|ocean's 8|oceans 11|oceans 12
    oceans 13|oceans 8|odyssey 5|passenger 57|plan 9 from outer space|police ten 7|pt 109|r-15|reply 1988
    reply 1994|reply 1997|rio 2096|room 104|room 1408|room 203|room 222|room 237|route 66|sealab 2020
    sealab 2021|section 375|sector 7|sg-1|slaughterhouse 5|space 1889|space 1999
    space battleship yamato 2199|space battleship yamato 2202|special 26|stalag 17|star wars episode 1
    star wars episode 2|star wars episode 3|star wars episode 4|star wars episode 5|star wars episode 6
    star wars episode 7|star wars episode 8|star wars episode 9|stargate sg-1|station 19|steins gate 0
    studio 54|studio 60|studio 60 on the sunset strip|summer of 42|summer of 84|super 8
    taking of pelham 123|terminator 2 judgment day|the 100|the 33|the 355|the 36th chamber of shaolin
    the 39 steps|the 400 blows|the 4400|the good german|the legend of 1900|the number 23
    the taking of pelham 123|this is 40|tokyo magnitude 8.0|track 29|u-571|unit 42|unit 731|united 93
    warehouse 13|winchester 73|wonder woman 1984|yamato 2199|yamato 2202|yamato 2205|zoey 101|zom 100
    zombie 100|zone 414|응답하라 1988|응답하라 1994|응답하라 1997
""".splitlines() for title in line.strip().replace("-", " ").replace(".", " ").split("|"))  # fmt: skip
CAMERA_PREFIXES = _words(
    "img mvi vid dsc dscn dscf mov pxl gopr gp gh gx dji mah clip pict wp cimg sam hpim imag trim wa"
)
HOME_WORDS = {
    "screencast": "a screen recording", "screen recording": "a screen recording",
    "screenrecord": "a screen recording", "bildschirmaufnahme": "a screen recording",
    "simplescreenrecorder": "a screen recording",
    "whatsapp video": "a phone's own file name",
    "zoom": "a recorded call", "recording": "a recording", "new recording": "a recording",
    "aufnahme": "a recording", "grabación": "a recording", "rpreplay_final": "a screen recording",
    "received": "a phone's own file name", "snapchat": "a phone's own file name",
    "inshot": "a phone's own file name", "capcut": "a phone's own file name",
}  # fmt: skip
COURSE_WORDS = _words("lecture lesson lektion vorlesung webinar tutorial лекция урок lección leçon")
COURSE_SHELVES = _words("""
    course courses onlinecourses udemy coursera pluralsight skillshare lynda masterclasses tutorials lectures
    webinars vorlesungen kurse cursos cours corsi kursy курсы лекции уроки
""")
TV_SOURCES = _words("hdtv pdtv dsr dsrip dvb dvbrip tvrip hdtvrip sdtv satrip dthrip")
# Titles that say nothing, as tags and as names of files on servers and discs.
USELESS_TITLES = _words("""
    untitled title video movie film unknown default dvd bluray track1 track01 stream master index playlist
    download chunklist manifest main feature original file media play watch output newproject
""")
