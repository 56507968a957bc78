package dev.kiri.controlplane.kinds;

import java.util.List;

/// Checks the values of a policy's match fields: principals, address blocks, ports and wildcards. A
/// wrong value is an error, because dropping it would change what the policy means.
final class PolicyValueCheck {
  private PolicyValueCheck() {}

  static void check(Fields fields, String name, String field, List<String> values) {
    for (int i = 0; i < values.size(); i++) {
      String value = values.get(i);
      String where = fields.at(field) + "[" + i + "]";
      String accepted = accepted(name, value);
      if (accepted != null) {
        fields.problems().error(where, Fields.show(value), accepted);
      }
    }
  }

  private static @org.jspecify.annotations.Nullable String accepted(String name, String value) {
    return switch (name) {
      case "ipBlocks", "remoteIpBlocks" ->
          IpBlock.parse(value).isPresent() ? null : "an IP address or a CIDR block";
      case "ports" -> isPort(value) ? null : "a port number from 1 to 65535 in quotes";
      case "principals" ->
          value.startsWith("spiffe://")
              ? "trust-domain/ns/NAMESPACE/sa/ACCOUNT without the scheme spiffe://"
              : wildcard(value);
      case "serviceAccounts" ->
          value.isEmpty() || value.contains("*") || value.chars().filter(c -> c == '/').count() > 1
              ? "ACCOUNT or NAMESPACE/ACCOUNT without wildcard"
              : null;
      case "paths" -> value.contains("{") ? null : wildcard(value);
      case "trustDomains" ->
          value.contains("/") ? "a trust domain without a slash" : wildcard(value);
      default -> wildcard(value);
    };
  }

  private static @org.jspecify.annotations.Nullable String wildcard(String value) {
    int star = value.indexOf('*');
    boolean sound =
        !value.isEmpty()
            && (star < 0
                || (star == value.lastIndexOf('*') && (star == 0 || star == value.length() - 1)));
    return sound ? null : "a value, PREFIX*, *SUFFIX or *";
  }

  static boolean isPort(String value) {
    if (value.isEmpty()
        || value.length() > 5
        || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return false;
    }
    int port = Integer.parseInt(value);
    return port >= 1 && port <= 65535;
  }
}
