package dev.kiri.ops.logging;

import dev.kiri.ops.admin.AdminHandler;
import dev.kiri.ops.admin.AdminRequest;
import dev.kiri.ops.admin.AdminResponse;

/// `/logging`: shows and changes levels. Requests and answers are those of upstream's admin port.
final class LoggingHandler implements AdminHandler {
  private static final String HELP =
      """
      usage: POST /logging\t\t\t\t\t\t(To list current level)
      usage: POST /logging?level=<level>\t\t\t\t(To change global levels)
      usage: POST /logging?level={mod1}={level1},{mod2}={level2}\t(To change specific scopes' levels)

      hint: loglevel:\terror|warn|info|debug|trace|off
      hint: mod_name:\ta scope as it appears in the log, such as access or ztunnel.outbound
      """;

  private final Logging logging;

  LoggingHandler(Logging logging) {
    this.logging = logging;
  }

  @Override
  public AdminResponse handle(AdminRequest request) {
    if (!request.method().equals("POST")) {
      return AdminResponse.text(405, "Invalid HTTP method\n" + HELP);
    }
    boolean reset = request.parameter("reset") != null;
    var level = request.parameter("level");
    try {
      if (reset) {
        logging.reset(level == null ? "" : level);
      } else if (level != null) {
        logging.add(level);
      }
    } catch (IllegalArgumentException malformed) {
      return AdminResponse.text(400, "Invalid level provided: " + level + "\n" + HELP);
    }
    return AdminResponse.text(200, "current log level is " + logging.filter() + "\n");
  }
}
