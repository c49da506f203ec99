// A kernel that costs next to nothing, so that whatever stands between it and a browser is what is measured.
//
// It speaks the Jupyter messaging protocol 5.3 over libzmq and understands one directive as code:
//
//   spew N BYTES            N stream messages of BYTES of text each
//   lines FROM N [MICROS]   N stream messages "line FROM\n", "line FROM+1\n" …, one after the other with MICROS between them
//   blob N BYTES            N display_data messages with one binary buffer of BYTES each, sent without a copy
//   sleep MILLIS            busy and silent
//   ask                     an input_request; says what was answered
//   die [STATUS]            ends at once, as a crash does
//   fail                    an error
//   anything else           comes back as an execute_result
//
// What runs is interrupted by an interrupt_request or by SIGINT. Requests on control are answered while a directive runs.
//
// Nothing is lost on its side: a PUB socket drops for a subscriber that is a high-water mark behind, so there is none (memory grows
// instead, as far as the subscriber falls behind). With --nodrop there is one of 1,000 messages and ZMQ_XPUB_NODROP: then spew waits for
// the slowest subscriber, so its speed is that of the reader; and a subscriber that stops reading stops the kernel. While nobody
// subscribes, messages go nowhere in both ways: that is what PUB promises.
//
// Build: tests/SpewKernel/build (g++, libzmq3-dev, libssl-dev).
#define OPENSSL_API_COMPAT 0x10100000L  // HMAC_CTX: restarted with the same key without fetching anything, unlike EVP_MAC.
#include <openssl/hmac.h>
#include <zmq.h>

#include <cctype>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

volatile std::sig_atomic_t interrupted = 0;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "spew: %s\n", what.c_str());
  std::exit(1);
}

// ---- JSON: only what is asked of it. Values stay as they were written, so nothing is unescaped and escaped again. ----------------------

// The value of a top-level member as written (a string without its quotes); empty when there is none.
std::string member(const std::string& json, const char* name) {
  int depth = 0;
  std::string last;
  bool isValue = false;
  for (size_t i = 0; i < json.size(); i++) {
    char c = json[i];
    if (c == '"') {
      size_t end = i + 1;
      while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
      std::string text = json.substr(i + 1, end - i - 1);
      if (depth == 1 && isValue && last == name) return text;
      if (depth == 1 && !isValue) last = text;
      i = end;
    } else if (c == '{' || c == '[') {
      depth++;
      isValue = depth == 1 ? false : isValue;
    } else if (c == '}' || c == ']') {
      depth--;
    } else if (depth == 1 && c == ':') {
      isValue = true;
    } else if (depth == 1 && c == ',') {
      isValue = false;
    } else if (depth == 1 && isValue && last == name && !std::isspace((unsigned char)c)) {
      size_t end = json.find_first_of(",} \n", i);
      return json.substr(i, end - i);
    }
  }
  return "";
}

// ---- messages ------------------------------------------------------------------------------------------------------------------------

HMAC_CTX* hmac = nullptr;
std::string session;

void sign(char (&hex)[64], const std::string& header, const std::string& parent, const std::string& content) {
  unsigned char digest[32];
  unsigned length = sizeof digest;
  HMAC_Init_ex(hmac, nullptr, 0, nullptr, nullptr);
  for (const std::string* part : {&header, &parent}) HMAC_Update(hmac, (const unsigned char*)part->data(), part->size());
  HMAC_Update(hmac, (const unsigned char*)"{}", 2);
  HMAC_Update(hmac, (const unsigned char*)content.data(), content.size());
  HMAC_Final(hmac, digest, &length);
  for (int i = 0; i < 32; i++) {
    hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
    hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
  }
}

// The date's text is made anew only when the second changes.
const char* now() {
  static char text[40];
  static time_t second = 0;
  timespec at;
  clock_gettime(CLOCK_REALTIME, &at);
  if (at.tv_sec != second) {
    tm parts;
    gmtime_r(&at.tv_sec, &parts);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000000Z", &parts);
    second = at.tv_sec;
  }
  long micros = at.tv_nsec / 1000;
  for (int digit = 25; digit >= 20; digit--, micros /= 10) text[digit] = (char)('0' + micros % 10);
  return text;
}

const std::string& header(const char* type) {
  static unsigned long count = 0;
  static std::string text;
  text = "{\"msg_id\":\"";
  text.append(session).append("_").append(std::to_string(count++)).append("\",\"msg_type\":\"").append(type);
  text.append("\",\"session\":\"").append(session).append("\",\"username\":\"spew\",\"version\":\"5.3\",\"date\":\"").append(now()).append("\"}");
  return text;
}

void frame(void* socket, const void* data, size_t size, bool more) {
  while (zmq_send(socket, data, size, more ? ZMQ_SNDMORE : 0) < 0)
    if (zmq_errno() != EINTR) fail(zmq_strerror(zmq_errno()));
}

// The bytes must live until the socket is done with them, so they are never freed: libzmq refers to them instead of copying.
void constant(void* socket, const std::string& bytes, bool more) {
  while (zmq_send_const(socket, bytes.data(), bytes.size(), more ? ZMQ_SNDMORE : 0) < 0)
    if (zmq_errno() != EINTR) fail(zmq_strerror(zmq_errno()));
}

using Frames = std::vector<std::string>;

void send(void* socket, const Frames& route, const char* type, const std::string& parent, const std::string& content, const std::string* blob = nullptr) {
  const std::string& head = header(type);
  char signature[64];
  size_t signatureLength = 0;
  if (hmac) {
    sign(signature, head, parent, content);
    signatureLength = sizeof signature;
  }
  for (const std::string& part : route) frame(socket, part.data(), part.size(), true);
  frame(socket, "<IDS|MSG>", 9, true);
  frame(socket, signature, signatureLength, true);
  frame(socket, head.data(), head.size(), true);
  frame(socket, parent.data(), parent.size(), true);
  frame(socket, "{}", 2, true);
  frame(socket, content.data(), content.size(), blob != nullptr);
  if (blob) constant(socket, *blob, false);
}

bool receive(void* socket, Frames& frames, bool wait) {
  frames.clear();
  zmq_msg_t message;
  bool more;
  do {
    zmq_msg_init(&message);
    while (zmq_msg_recv(&message, socket, wait || !frames.empty() ? 0 : ZMQ_DONTWAIT) < 0) {
      if (zmq_errno() == EINTR && !(wait && interrupted)) continue;
      zmq_msg_close(&message);
      return false;
    }
    frames.emplace_back((const char*)zmq_msg_data(&message), zmq_msg_size(&message));
    more = zmq_msg_more(&message);
    zmq_msg_close(&message);
  } while (more);
  return true;
}

struct Request {
  Frames route;
  std::string header, type, content;
};

bool parse(const Frames& frames, Request& request) {
  size_t at = 0;
  request.route.clear();
  while (at < frames.size() && frames[at] != "<IDS|MSG>") request.route.push_back(frames[at++]);
  if (at + 5 >= frames.size()) return false;
  if (hmac) {
    unsigned char digest[32];
    unsigned length = sizeof digest;
    HMAC_Init_ex(hmac, nullptr, 0, nullptr, nullptr);
    for (size_t i = at + 2; i <= at + 5; i++) HMAC_Update(hmac, (const unsigned char*)frames[i].data(), frames[i].size());
    HMAC_Final(hmac, digest, &length);
    char hex[65];
    for (int i = 0; i < 32; i++) std::snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    if (frames[at + 1] != hex) {
      std::fprintf(stderr, "spew: a request with a wrong signature was left out\n");
      return false;
    }
  }
  request.header = frames[at + 2];
  request.type = member(request.header, "msg_type");
  request.content = frames[at + 5];
  return true;
}

// ---- the kernel -----------------------------------------------------------------------------------------------------------------------

void* shell;
void* control;
void* input;
void* iopub;
int executions = 0;

void status(const char* state, const std::string& parent) {
  send(iopub, {"status"}, "status", parent, std::string("{\"execution_state\":\"") + state + "\"}");
}

void answerControl();

// Waits without being deaf on control; false when interrupted.
bool rest(long micros) {
  timespec begun, at;
  clock_gettime(CLOCK_MONOTONIC, &begun);
  for (;;) {
    clock_gettime(CLOCK_MONOTONIC, &at);
    long left = micros - ((at.tv_sec - begun.tv_sec) * 1000000 + (at.tv_nsec - begun.tv_nsec) / 1000);
    if (interrupted) return false;
    if (left <= 0) return true;
    if (left < 1000) {
      usleep((useconds_t)left);
      continue;
    }
    zmq_pollitem_t item{control, 0, ZMQ_POLLIN, 0};
    if (zmq_poll(&item, 1, left / 1000) > 0) answerControl();
  }
}

bool goOn(long done) {
  if (done % 64 == 0) answerControl();
  return !interrupted;
}

void ask(const Request& request) {
  send(input, request.route, "input_request", request.header, "{\"prompt\":\"? \",\"password\":false}");
  Frames frames;
  Request answer;
  for (;;) {
    zmq_pollitem_t items[] = {{input, 0, ZMQ_POLLIN, 0}, {control, 0, ZMQ_POLLIN, 0}};
    zmq_poll(items, 2, -1);
    if (items[1].revents & ZMQ_POLLIN) answerControl();
    if (interrupted) return;
    if ((items[0].revents & ZMQ_POLLIN) && receive(input, frames, false) && parse(frames, answer)) break;
  }
  send(iopub, {"stream.stdout"}, "stream", request.header, "{\"name\":\"stdout\",\"text\":\"" + member(answer.content, "value") + "\"}");
}

// True when it ended as it should.
bool run(const std::string& code, const Request& request) {
  long first = 0, count = 0, size = 0;
  if (std::sscanf(code.c_str(), "spew %ld %ld", &count, &size) == 2) {
    std::string content = "{\"name\":\"stdout\",\"text\":\"" + std::string(size > 0 ? (size_t)size - 1 : 0, 'x') + "\\n\"}";
    for (long i = 0; i < count && goOn(i); i++) send(iopub, {"stream.stdout"}, "stream", request.header, content);
  } else if (std::sscanf(code.c_str(), "lines %ld %ld %ld", &first, &count, &size) >= 2) {
    for (long i = first; i < first + count && goOn(i); i++) {
      send(iopub, {"stream.stdout"}, "stream", request.header, "{\"name\":\"stdout\",\"text\":\"line " + std::to_string(i) + "\\n\"}");
      if (size > 0) rest(size);
    }
  } else if (std::sscanf(code.c_str(), "blob %ld %ld", &count, &size) == 2) {
    // Kept for ever, see constant(); one per size asked for, which a benchmark can afford.
    static std::vector<std::string*> kept;
    std::string* blob = nullptr;
    for (std::string* one : kept)
      if ((long)one->size() == size) blob = one;
    if (!blob) kept.push_back(blob = new std::string((size_t)size, 'b'));
    for (long i = 0; i < count && goOn(i); i++)
      send(iopub, {"display_data"}, "display_data", request.header, "{\"data\":{\"text/plain\":\"blob\"},\"metadata\":{},\"transient\":{}}", blob);
  } else if (std::sscanf(code.c_str(), "sleep %ld", &count) == 1) {
    rest(count * 1000);
  } else if (code == "ask") {
    ask(request);
  } else if (code.compare(0, 3, "die") == 0 && (code.size() == 3 || code[3] == ' ')) {
    _exit(code.size() > 4 ? std::atoi(code.c_str() + 4) : 9);
  } else if (code == "fail") {
    send(iopub, {"error"}, "error", request.header, "{\"ename\":\"Failure\",\"evalue\":\"as asked\",\"traceback\":[\"Failure: as asked\"]}");
    return false;
  } else {
    send(iopub, {"execute_result"}, "execute_result", request.header,
         "{\"execution_count\":" + std::to_string(executions) + ",\"data\":{\"text/plain\":\"" + code + "\"},\"metadata\":{}}");
  }
  if (!interrupted) return true;
  send(iopub, {"error"}, "error", request.header, "{\"ename\":\"KeyboardInterrupt\",\"evalue\":\"\",\"traceback\":[\"KeyboardInterrupt\"]}");
  return false;
}

void execute(const Request& request) {
  std::string code = member(request.content, "code");
  if (member(request.content, "silent") != "true") executions++;
  std::string count = ",\"execution_count\":" + std::to_string(executions);
  send(iopub, {"execute_input"}, "execute_input", request.header, "{\"code\":\"" + code + "\"" + count + "}");
  interrupted = 0;
  bool well = run(code, request);
  const char* name = interrupted ? "KeyboardInterrupt" : "Failure";
  send(shell, request.route, "execute_reply", request.header,
       well ? "{\"status\":\"ok\"" + count + ",\"user_expressions\":{},\"payload\":[]}"
            : "{\"status\":\"error\",\"ename\":\"" + std::string(name) + "\",\"evalue\":\"\",\"traceback\":[]" + count + "}");
  interrupted = 0;
}

void answer(void* socket, const Request& request) {
  status("busy", request.header);
  if (request.type == "execute_request") {
    execute(request);
  } else if (request.type == "kernel_info_request") {
    send(socket, request.route, "kernel_info_reply", request.header,
         "{\"status\":\"ok\",\"protocol_version\":\"5.3\",\"implementation\":\"spew\",\"implementation_version\":\"1\",\"banner\":\"spew\",\"help_links\":[],"
         "\"language_info\":{\"name\":\"text\",\"version\":\"1\",\"mimetype\":\"text/plain\",\"file_extension\":\".txt\"}}");
  } else if (request.type == "interrupt_request") {
    interrupted = 1;
    send(socket, request.route, "interrupt_reply", request.header, "{\"status\":\"ok\"}");
  } else if (request.type == "shutdown_request") {
    bool restart = member(request.content, "restart") == "true";
    send(socket, request.route, "shutdown_reply", request.header, std::string("{\"status\":\"ok\",\"restart\":") + (restart ? "true}" : "false}"));
    status("idle", request.header);
    for (void* one : {socket, iopub}) zmq_close(one);
    usleep(100000);
    _exit(0);
  } else if (request.type.size() > 8) {
    std::string reply = request.type.substr(0, request.type.size() - 8) + "_reply";
    send(socket, request.route, reply.c_str(), request.header, "{\"status\":\"ok\"}");
  }
  status("idle", request.header);
}

void answerControl() {
  Frames frames;
  Request request;
  while (receive(control, frames, false))
    if (parse(frames, request)) answer(control, request);
}

void* bound(void* context, int type, const std::string& connection, const char* port) {
  void* socket = zmq_socket(context, type);
  int linger = 1000, nothing = 0, yes = 1;
  zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
  zmq_setsockopt(socket, ZMQ_SNDHWM, &nothing, sizeof nothing);
  // A client that was killed and is back with its old identity is heard at once.
  if (type == ZMQ_ROUTER) zmq_setsockopt(socket, ZMQ_ROUTER_HANDOVER, &yes, sizeof yes);
  bool ipc = member(connection, "transport") == "ipc";
  std::string endpoint = (ipc ? "ipc://" : "tcp://") + member(connection, "ip") + (ipc ? "-" : ":") + member(connection, port);
  if (zmq_bind(socket, endpoint.c_str()) != 0) fail(endpoint + ": " + zmq_strerror(zmq_errno()));
  return socket;
}

}  // namespace

int main(int count, char** arguments) {
  std::string path;
  bool noDrop = false;
  for (int i = 1; i < count; i++) {
    if (!std::strcmp(arguments[i], "-f") && i + 1 < count) path = arguments[i + 1];
    if (!std::strcmp(arguments[i], "--nodrop")) noDrop = true;
  }
  std::ifstream file(path);
  if (!file) fail("usage: spew -f CONNECTION_FILE [--nodrop]");
  std::string connection((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  session = "spew-" + std::to_string(getpid()) + "-" + std::to_string(time(nullptr));
  std::string key = member(connection, "key");
  if (!key.empty()) {
    hmac = HMAC_CTX_new();
    HMAC_Init_ex(hmac, key.data(), (int)key.size(), EVP_sha256(), nullptr);
  }

  struct sigaction onInterrupt {};
  onInterrupt.sa_handler = [](int) { interrupted = 1; };
  sigaction(SIGINT, &onInterrupt, nullptr);

  void* context = zmq_ctx_new();
  shell = bound(context, ZMQ_ROUTER, connection, "shell_port");
  control = bound(context, ZMQ_ROUTER, connection, "control_port");
  input = bound(context, ZMQ_ROUTER, connection, "stdin_port");
  iopub = bound(context, ZMQ_PUB, connection, "iopub_port");
  void* heartbeat = bound(context, ZMQ_REP, connection, "hb_port");
  if (noDrop) {
    int yes = 1, mark = 1000;
    zmq_setsockopt(iopub, ZMQ_XPUB_NODROP, &yes, sizeof yes);
    zmq_setsockopt(iopub, ZMQ_SNDHWM, &mark, sizeof mark);
  }
  std::thread([heartbeat] { zmq_proxy(heartbeat, heartbeat, nullptr); }).detach();

  status("starting", "{}");
  zmq_pollitem_t items[] = {{control, 0, ZMQ_POLLIN, 0}, {shell, 0, ZMQ_POLLIN, 0}};
  Frames frames;
  Request request;
  for (;;) {
    zmq_poll(items, 2, -1);
    answerControl();
    // One at a time, so that control comes first.
    if ((items[1].revents & ZMQ_POLLIN) && receive(shell, frames, false) && parse(frames, request)) answer(shell, request);
    interrupted = 0;
  }
}
