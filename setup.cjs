// Installs what the project needs, as the lockfile says, when it is not there yet: `npm start`, `npm test` and
// `npm run tidemark` run this first, on whatever Node the machine has. So: no dependency, no TypeScript, syntax that
// an old Node can read far enough to be told that it is too old. Prints to standard error only; `--quiet` prints
// one line while it installs and the rest only if that fails.
"use strict";

var childProcess = require("child_process");
var crypto = require("crypto");
var fs = require("fs");
var path = require("path");

var NODE_MAJOR_MIN_TO_INSTALL = 20;
var NODE_MAJOR_MIN_TO_RUN = 24;
var UNREACHABLE = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED)\b/;

var quiet = process.argv.indexOf("--quiet") >= 0;
var stamp = path.join(__dirname, "node_modules", ".tidemark-installed");
var bin = path.join(__dirname, "node_modules", ".bin");

main();

function main() {
  if (process.platform === "win32") {
    stop("Windows is not supported: use WSL, Linux or macOS.");
  }
  if (major(process.versions.node) < NODE_MAJOR_MIN_TO_INSTALL) {
    stop(
      "this machine's Node is " +
        process.versions.node +
        "; version " +
        NODE_MAJOR_MIN_TO_INSTALL +
        " or newer is needed to install. (To run, tidemark brings its own Node " +
        NODE_MAJOR_MIN_TO_RUN +
        ".)",
    );
  }
  var wanted = digest();
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === wanted && fs.existsSync(bin)) return;
  install();
  var version = nodeToRun();
  if (version === null || major(version) < NODE_MAJOR_MIN_TO_RUN) {
    stop(
      "there is no Node " +
        NODE_MAJOR_MIN_TO_RUN +
        " for " +
        process.platform +
        " " +
        process.arch +
        " among the packages (or it does not start here, for instance for lack of glibc): install Node " +
        NODE_MAJOR_MIN_TO_RUN +
        " on this machine and try again.",
    );
  }
  fs.writeFileSync(stamp, wanted);
}

function install() {
  say("installing the dependencies of tidemark (the first time this takes half a minute)");
  // npm waits 10 s and more between its tries; who has no network should learn it sooner.
  var env = Object.assign({ npm_config_fetch_retries: "2", npm_config_fetch_retry_mintimeout: "1000" }, process.env);
  // `npm run -s` passes its silence on, and a failure would have no reason.
  if (env.npm_config_loglevel === "silent") delete env.npm_config_loglevel;
  var pnpm = JSON.parse(fs.readFileSync(path.join(__dirname, "package.json"), "utf8")).engines.pnpm;
  var result = childProcess.spawnSync(
    "npx",
    [
      "--yes",
      "--prefer-offline",
      "pnpm@" + pnpm,
      "install",
      "--frozen-lockfile",
      "--prefer-offline",
      "--config.confirmModulesPurge=false",
    ],
    {
      cwd: __dirname,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
      stdio: ["ignore", quiet ? "pipe" : 2, "pipe"],
      env: env,
    },
  );
  if (result.error !== undefined) {
    stop("npx, which comes with npm, could not be started (" + result.error.code + ").");
  }
  if (result.status === 0) return;
  var output = (result.stdout || "") + result.stderr;
  process.stderr.write(output);
  if (UNREACHABLE.test(output)) {
    stop(
      "the dependencies are not installed and the package registry cannot be reached (" +
        UNREACHABLE.exec(output)[1] +
        "). Connect this machine to the network, or set npm's registry and proxy, and try again; once installed, no network is needed.",
    );
  }
  stop("installing the dependencies failed, see above.");
}

// What decides the content of node_modules: the lockfile, the workspace file, each package.json.
function digest() {
  var hash = crypto.createHash("sha256");
  var files = ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", "test/package.json"];
  ["packages", "services"].forEach(function (group) {
    fs.readdirSync(path.join(__dirname, group))
      .sort()
      .forEach(function (name) {
        files.push(group + "/" + name + "/package.json");
      });
  });
  files.forEach(function (file) {
    if (!fs.existsSync(path.join(__dirname, file))) return;
    hash.update(file + "\0").update(fs.readFileSync(path.join(__dirname, file)));
  });
  return hash.digest("hex") + "\n";
}

function nodeToRun() {
  var result = childProcess.spawnSync("node", ["-p", "process.versions.node"], {
    encoding: "utf8",
    env: Object.assign({}, process.env, { PATH: bin + path.delimiter + process.env.PATH }),
  });
  return result.status === 0 ? result.stdout.trim() : null;
}

function major(version) {
  return Number(version.split(".")[0]);
}

function say(text) {
  process.stderr.write("tidemark: " + text + "\n");
}

function stop(text) {
  say(text);
  process.exit(1);
}
