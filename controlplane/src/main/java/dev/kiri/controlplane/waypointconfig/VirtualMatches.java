package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Client;
import dev.kiri.controlplane.kinds.VirtualServiceObject.ConnectionMatch;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Match;
import dev.kiri.controlplane.kinds.VirtualServiceObject.TextMatch;
import dev.kiri.waypoint.config.v1.HttpMatch;
import dev.kiri.waypoint.config.v1.PathMatch;
import dev.kiri.waypoint.config.v1.ValueMatch;
import java.util.TreeMap;

/// Matches of a VirtualService in the waypoint's schema.
final class VirtualMatches {
  private final Workloads clients;
  private final Reader reader;

  VirtualMatches(Workloads clients, Reader reader) {
    this.clients = clients;
    this.reader = reader;
  }

  HttpMatch http(Match match) {
    HttpMatch.Builder out =
        HttpMatch.newBuilder().setPath(path(match)).setPort(match.client().port());
    new TreeMap<>(match.headers()).forEach((name, text) -> out.addHeaders(value(name, text)));
    new TreeMap<>(match.withoutHeaders())
        .forEach((name, text) -> out.addWithoutHeaders(value(name, text)));
    new TreeMap<>(match.queryParams())
        .forEach((name, text) -> out.addQueryParams(value(name, text)));
    TextMatch scheme = match.scheme();
    if (scheme != null) {
      out.setScheme(value("", scheme));
    }
    TextMatch method = match.method();
    if (method != null) {
      out.setMethodText(value("", method));
    }
    TextMatch authority = match.authority();
    if (authority != null) {
      out.setAuthority(value("", authority));
    }
    if (isRestricted(match.client())) {
      out.setClient(clients.match(match.client(), reader));
    }
    return out.build();
  }

  dev.kiri.waypoint.config.v1.ConnectionMatch connection(ConnectionMatch match) {
    var out =
        dev.kiri.waypoint.config.v1.ConnectionMatch.newBuilder()
            .addAllServerNames(match.sniHosts())
            .addAllDestinations(match.destinationSubnets())
            .setPort(match.client().port());
    if (isRestricted(match.client())) {
      out.setClient(clients.match(match.client(), reader));
    }
    return out.build();
  }

  private static boolean isRestricted(Client client) {
    return !client.sourceLabels().isEmpty() || !client.sourceNamespace().isEmpty();
  }

  /// Without a condition on the path its first slash is what a rewrite takes the place of.
  private static PathMatch path(Match match) {
    PathMatch.Builder out = PathMatch.newBuilder();
    TextMatch uri = match.uri();
    if (uri == null) {
      return out.setTextPrefix("/").build();
    }
    switch (uri.type()) {
      case EXACT -> out.setExact(uri.value()).setIgnoreCase(match.ignoreUriCase());
      case PREFIX -> out.setTextPrefix(uri.value()).setIgnoreCase(match.ignoreUriCase());
      case REGEX -> out.setRegex(uri.value());
      case PRESENT -> out.setTextPrefix("/");
    }
    return out.build();
  }

  static ValueMatch value(String name, TextMatch text) {
    ValueMatch.Builder out = ValueMatch.newBuilder().setName(name);
    return switch (text.type()) {
      case EXACT -> out.setExact(text.value()).build();
      case PREFIX -> out.setPrefix(text.value()).build();
      case REGEX -> out.setRegex(text.value()).build();
      case PRESENT -> out.setPresent(true).build();
    };
  }
}
