-- mpv-simkl: starts the scrobbler when a video plays, hands keys on to it, and does nothing else. Written by `mpv-simkl install`.
--
-- At the first frame of a real video it opens an IPC socket, unless there is one, and starts Python beside mpv. Music,
-- pictures and cover art start nothing; mpv never waits.

local utils = require "mp.utils"

-- The two settings that are needed here, from lines read as Python reads them: to mpv's own reader (mp.options) spaces
-- around the =, and the mark that Notepad writes first, are a part of the name.
local opts = {
    enabled = "yes",
    python = @PYTHON@,
}
local installed = opts.python

local function choose(name, text)
    if name == "python" then opts.python = text end
    if name == "enabled" and (text:lower() == "yes" or text:lower() == "no") then opts.enabled = text:lower() end
end

-- A player that gives mpv no folder (Celluloid, --no-config): the settings are those beside the folder of this script.
local folder = not mp.get_property_bool("config") and debug.getinfo(1, "S").source:match("^@(.+)[/\\]scripts[/\\]")
local function read_file()
    local CONF = "script-opts/simkl.conf"
    local conf = io.open(folder and folder .. "/" .. CONF or mp.find_config_file(CONF) or "")
    if not conf then return end
    for line in conf:lines() do
        local name, text = line:gsub("^\239\187\191", ""):match("^%s*(%l+)%s*=%s*(.-)%s*$")
        choose(name, text)
    end
    conf:close()
end

local read, problem = pcall(read_file)
if not read then -- a folder of that name; what mpv.conf sets still holds
    mp.msg.warn("simkl.conf cannot be read (" .. problem:match("[^: ][^:]*$") .. "); the defaults are used")
end
for name, text in pairs(mp.get_property_native("options/script-opts") or {}) do
    choose(name:match("^simkl%-(%l+)$"), text:match("^%s*(.-)%s*$"))
end
if opts.python == "" then opts.python = installed end

local script = mp.get_script_name()
local windows = package.config:sub(1, 1) == "\\"
-- What Python can be asked for: script-binding simkl/NAME, script-message-to simkl NAME.
local KEYS = {
    "menu", "mark-watched", "undo", "fix-match", "pause-scrobbling", "rate", "status", "open-page", "login", "resume",
}
local started = false
local follower -- the name that Python has in mpv, once it is there; it goes with its connection
local own = {} -- the socket that we made, and its folder
local wanted = {} -- what was asked for before Python was there
local ANSWER_WITHIN = 20 -- seconds; a cold start from a slow disk takes a few

-- mpv reads ~/.mpv beside ~/.config/mpv: a second copy is called simkl2 and has nothing to do.
if opts.enabled == "no" or script:match("^simkl%d+$") then return end

local function complain(what, cure)
    started = false
    mp.msg.error(what .. "; " .. cure)
    mp.osd_message("Simkl: " .. what .. "; " .. cure, 8)
end

local function is_video()
    for _, track in ipairs(mp.get_property_native("track-list") or {}) do
        if track.type == "video" and track.selected and not track.albumart and not track.image then
            -- A gif says that it is no image, and so do several pictures in a row (mf://); a picture lasts 0 seconds
            -- where `image` is unknown (before 0.34).
            local format = mp.get_property("file-format")
            return format ~= "gif" and format ~= "mf" and mp.get_property_number("duration", 0) > 0
        end
    end
end

-- A socket's path has 103 bytes at most on macOS, and four more on Linux; mpv says nothing of a longer one.
local LONGEST_SOCKET = 103
local function places_for_sockets()
    local places = {}
    for _, name in ipairs({ "XDG_RUNTIME_DIR", "TMPDIR" }) do
        local place = os.getenv(name) or ""
        if place ~= "" and #(place .. "/mpv-simkl.XXXXXX/mpv.sock") <= LONGEST_SOCKET then places[#places + 1] = place end
    end
    places[#places + 1] = "/tmp"
    return places
end

-- Nobody but this user may reach the socket: through it programs can be started. After `su` the first place may be
-- somebody else's, so the next one is tried.
local function with_private_folder(places, use)
    local place = table.remove(places, 1)
    if not place then return complain("no private folder can be made", "check XDG_RUNTIME_DIR and /tmp") end
    mp.command_native_async({
        name = "subprocess", playback_only = false, capture_stdout = true, capture_stderr = true,
        args = { "mktemp", "-d", place .. "/mpv-simkl.XXXXXX" },
    }, function(_, result)
        local folder = result and result.status == 0 and result.stdout:gsub("\n$", "")
        if folder then use(folder) else with_private_folder(places, use) end
    end)
end

local function with_own_socket(use)
    if windows then
        math.randomseed(os.time() + utils.getpid())
        use(string.format("simkl-%d-%06x", utils.getpid(), math.random(0, 0xffffff)))
    else
        with_private_folder(places_for_sockets(), function(folder) use(folder .. "/mpv.sock", folder) end)
    end
end

-- mpv's own lists and input line, since 0.38 and 0.39. Its console draws them, and a user may do without that.
local function mpv_input()
    local found, input = pcall(require, "mp.input")
    local console = mp.get_property_bool("load-console")
    if console == nil then console = mp.get_property_bool("load-osd-console") end -- its name before 0.40
    return found and console and input.select and input.get and input
end

local function command_line(socket, own)
    local args = {
        opts.python, "-I", "-m", "mpv_simkl", "attach", "--socket", socket,
        "--mpv-pid", tostring(utils.getpid()), "--script", script,
    }
    if own then args[#args + 1] = "--own-socket" end
    if mpv_input() then args[#args + 1] = "--has-input" end
    if folder then args[#args + 1] = "--mpv-dir=" .. folder end
    if windows then return args end
    -- A detached child holds mpv's terminal; whatever Python has to say does not belong there. One heap for all
    -- of its threads saves 0.4 MB with glibc; elsewhere the variable means nothing.
    local quiet = { "/bin/sh", "-c", 'MALLOC_ARENA_MAX=1 exec "$@" </dev/null >/dev/null 2>&1', "sh" }
    for _, arg in ipairs(args) do quiet[#quiet + 1] = arg end
    return quiet
end

-- A Python that was killed takes nothing more down: it is started anew.
local function is_followed()
    if follower and not mp.commandv("script-message-to", follower, "are-you-there") then
        started, follower = false, nil
    end
    return follower
end

-- Python takes the socket away itself; if it never came, nobody else would.
local function clean_up()
    if own.path then os.remove(own.path) end
    if own.folder then os.remove(own.folder) end
end
mp.register_event("shutdown", function() if not is_followed() then clean_up() end end)

-- The socket of the user's, as ~~/socket or ~/socket too, or ours if it is still there.
local function current_socket()
    local socket = mp.command_native({ "expand-path", mp.get_property("input-ipc-server") or "" })
    return socket ~= "" and (socket ~= own.path or windows or utils.file_info(socket)) and socket
end

local function start_python(socket)
    mp.command_native_async({
        name = "subprocess", detach = true, playback_only = false, args = command_line(socket, socket == own.path),
    }, function(ok, result, problem)
        if ok and result.status == 0 then
            mp.add_timeout(ANSWER_WITHIN, function()
                if follower then return end
                -- Another script may have put a socket of its own in the place of that one (mpv-notes 1.3).
                local other = current_socket()
                if other and other ~= socket then return start_python(other) end
                complain("Python started, but did not answer", "see `mpv-simkl log`")
            end)
        else
            clean_up()
            complain("cannot start Python (" .. (problem or result.error_string) .. ")", "run `mpv-simkl install` again")
        end
    end)
end

local function launch()
    if started then return end
    started = true
    local python = utils.file_info(opts.python)
    if not python or not python.is_file then
        complain("there is no Python at " .. opts.python, opts.python == installed and "run `mpv-simkl install` again"
            or "set python= in simkl.conf to a full path, or take the line out")
        return
    end
    if current_socket() then
        start_python(current_socket())
    elseif (mp.get_property("input-ipc-client") or "") ~= "" then
        -- Opening a server would double every event of the host program (mpv-notes 1.3).
        local why = "the program that started mpv owns its IPC channel; nothing is scrobbled"
        mp.msg.warn(why)
        if #wanted > 0 then mp.osd_message("Simkl: " .. why, 8) end
        started, wanted = false, {}
    else
        with_own_socket(function(path, folder)
            -- Another script may have been quicker while the folder was made: the property tells who won.
            if not current_socket() then mp.set_property("input-ipc-server", path) end
            local socket = current_socket() or path
            own = { path = socket:sub(-#path) == path and socket or path, folder = folder }
            if own.path ~= socket then clean_up() end
            start_python(socket)
        end)
    end
end

local function on_playback_restart()
    if not is_video() then return end
    mp.unregister_event(on_playback_restart)
    if not is_followed() then launch() end
end
-- A seek restarts playback too: one look at each file is enough, and none where Python could not be started.
mp.register_event("file-loaded", function()
    if not follower then return end
    mp.unregister_event(on_playback_restart)
    mp.register_event("playback-restart", on_playback_restart)
end)
mp.register_event("playback-restart", on_playback_restart)
on_playback_restart() -- whoever loads this with `load-script` has a film running

local function ask_for(name, ...)
    if is_followed() then
        mp.commandv("script-message", "simkl-" .. name, ...)
    else
        wanted[#wanted + 1] = { name, ... }
        launch()
    end
end

mp.register_script_message("attached", function(name)
    follower = name
    for _, words in ipairs(wanted) do ask_for((table.unpack or unpack)(words)) end
    wanted = {}
end)

for _, name in ipairs(KEYS) do
    mp.add_key_binding(nil, name, function(...) ask_for(name, ...) end) -- makes it a script message too
end

-- A question of Python's, asked with mpv's own lists where there are some; the answer bears the question's number.
mp.register_script_message("ask", function(json)
    local input, question = mpv_input(), utils.parse_json(json)
    if not input or not question then return end
    local kind, value
    -- Answered when the list has closed: `closed` comes after `submit`, and a question that the answer brings at
    -- once would be the one that it closes (mpv-player/mpv#17256).
    local function closed()
        if not kind then return end
        mp.commandv("script-message", "simkl-answer", string.format("%d", question.number), kind, value)
    end
    if #question.choices > 0 then
        local items = {}
        for place, choice in ipairs(question.choices) do
            items[place] = choice.hint == "" and choice.title or choice.title .. "  (" .. choice.hint .. ")"
        end
        local function submit(place) kind, value = "choice", string.format("%d", place - 1) end
        input.select({ prompt = question.heading .. ":", items = items, submit = submit, closed = closed })
    else
        local function submit(text)
            kind, value = "text", text
            input.terminate()
        end
        input.get({ prompt = question.heading .. ":", default_text = question.typed, submit = submit, closed = closed })
    end
end)
