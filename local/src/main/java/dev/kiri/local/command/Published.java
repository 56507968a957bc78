package dev.kiri.local.command;

import java.util.regex.Pattern;

/// A port of this machine that leads to a service: `[ADDRESS:]PORT:NAMESPACE/SERVICE:PORT`. Without
/// an address it is the loopback one.
record Published(String address, int port, String namespace, String service, int servicePort) {
  private static final Pattern FORM =
      Pattern.compile(
          "(?:([0-9.]+|\\[[0-9a-fA-F:]+\\]):)?(\\d{1,5}):([a-z0-9.-]+)/([a-z0-9.-]+):(\\d{1,5})");

  static Published parse(String text) {
    var form = FORM.matcher(text);
    if (!form.matches()
        || Integer.parseInt(form.group(2)) > 65_535
        || Integer.parseInt(form.group(5)) > 65_535) {
      throw new NotUnderstood(
          "--publish "
              + text
              + ": accepted: 8080:NAMESPACE/SERVICE:80, or ADDRESS:8080:NAMESPACE/SERVICE:80");
    }
    var address =
        form.group(1) == null ? "127.0.0.1" : form.group(1).replace("[", "").replace("]", "");
    return new Published(
        address,
        Integer.parseInt(form.group(2)),
        form.group(3),
        form.group(4),
        Integer.parseInt(form.group(5)));
  }
}
