package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.VirtualServiceObject.Client;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Comparison;
import dev.kiri.controlplane.kinds.VirtualServiceObject.ConnectionMatch;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Match;
import dev.kiri.controlplane.kinds.VirtualServiceObject.TextMatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads the conditions of a VirtualService's rules. A field that is not known would make a match
/// wider than written: its path goes to `unknown`. Stateless.
final class VirtualMatchReader {
  private VirtualMatchReader() {}

  static Match http(Fields match, List<String> unknown) {
    Match read =
        new Match(
            match.stringOr("name", ""),
            text(match, "uri", false, unknown),
            match.bool("ignoreUriCase", false),
            text(match, "scheme", false, unknown),
            text(match, "method", false, unknown),
            text(match, "authority", false, unknown),
            texts(match, "headers", unknown),
            texts(match, "withoutHeaders", unknown),
            texts(match, "queryParams", unknown),
            client(match));
    if (match.has("statPrefix")) {
      match.warning(
          "statPrefix",
          Fields.show(match.raw("statPrefix")),
          "nothing (metrics carry the rule's name instead)");
    }
    for (String name : read.headers().keySet()) {
      if (name.startsWith("@")) {
        unknown.add(match.at("headers") + "." + name + " (claims of tokens are not verified yet)");
      } else {
        checkHeader(match, "headers", name);
      }
    }
    read.withoutHeaders().keySet().forEach(name -> checkHeader(match, "withoutHeaders", name));
    unknown.addAll(HttpRouteReader.strict(match));
    return read;
  }

  private static void checkHeader(Fields match, String field, String name) {
    if (!HttpFilterReader.isHeaderName(name)) {
      match.error(
          field,
          Fields.show(name),
          "the name of a header (use uri, method, authority or scheme for those)");
    }
  }

  static ConnectionMatch connection(Fields match, boolean tls, List<String> hosts) {
    List<String> names = tls ? match.strings("sniHosts") : List.of();
    if (tls && names.isEmpty()) {
      match.error("sniHosts", "nothing", "at least one server name");
    }
    for (String name : names) {
      if (!HostName.isSoundOrWildcard(name) && !name.equals("*")) {
        match.error("sniHosts", Fields.show(name), "a DNS name, or *. and one");
      } else if (!hosts.isEmpty() && hosts.stream().noneMatch(host -> covers(host, name))) {
        match.error(
            "sniHosts",
            Fields.show(name),
            "a name that one of the hosts covers: " + String.join(", ", hosts));
      }
    }
    List<String> subnets = match.strings("destinationSubnets");
    for (String subnet : subnets) {
      if (IpBlock.parse(subnet).isEmpty()) {
        match.error(
            "destinationSubnets",
            Fields.show(subnet),
            "an IP address or a block such as 10.1.0.0/16");
      }
    }
    ConnectionMatch read =
        new ConnectionMatch(names.contains("*") ? List.of() : names, subnets, client(match));
    for (String name : match.unknown()) {
      match.error(
          name,
          "an unknown field, which would widen the match",
          "one of destinationSubnets, gateways, port, sniHosts, sourceLabels, sourceNamespace");
    }
    return read;
  }

  /// Whether a host of the object covers a server name; a short name may stand for anything.
  private static boolean covers(String host, String name) {
    return host.equals("*")
        || host.indexOf('.') < 0
        || host.equals(name)
        || (host.startsWith("*") && name.endsWith(host.substring(1)));
  }

  private static Client client(Fields match) {
    return new Client(
        (int) match.number("port", 0, 1, 65535),
        match.stringMap("sourceLabels"),
        match.stringOr("sourceNamespace", ""),
        match.strings("gateways"));
  }

  private static @Nullable TextMatch text(
      Fields match, String name, boolean present, List<String> unknown) {
    return match.has(name) ? text(match.child(name), present, unknown) : null;
  }

  private static Map<String, TextMatch> texts(Fields match, String name, List<String> unknown) {
    Map<String, TextMatch> read = new LinkedHashMap<>();
    match.children(name).forEach((key, fields) -> read.put(key, text(fields, true, unknown)));
    return Map.copyOf(read);
  }

  /// @param present whether no condition, or the regular expression `*`, means any value
  static TextMatch text(Fields fields, boolean present, List<String> unknown) {
    List<TextMatch> set = new ArrayList<>();
    add(set, Comparison.EXACT, fields.string("exact"));
    add(set, Comparison.PREFIX, fields.string("prefix"));
    String regex = fields.string("regex");
    if (present && "*".equals(regex)) {
      set.add(new TextMatch(Comparison.PRESENT, ""));
    } else {
      add(set, Comparison.REGEX, regex);
      if (regex != null) {
        HttpPathCheck.checkRegex(fields, "regex", regex);
      }
    }
    unknown.addAll(HttpRouteReader.strict(fields));
    if (set.size() > 1 || (set.isEmpty() && !present)) {
      fields.error(
          "exact",
          set.isEmpty() ? "nothing" : set.size() + " conditions",
          "one of exact, prefix, regex");
    }
    return set.isEmpty() ? new TextMatch(Comparison.PRESENT, "") : set.getFirst();
  }

  private static void add(List<TextMatch> to, Comparison type, @Nullable String value) {
    if (value != null) {
      to.add(new TextMatch(type, value));
    }
  }
}
