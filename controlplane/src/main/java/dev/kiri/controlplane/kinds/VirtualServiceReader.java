package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.VirtualServiceObject.Connections;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Delegate;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Destination;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Http;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Match;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Mirror;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads and checks VirtualServices. A match with a field that is not known would be wider than
/// written: its rule is marked with the problem and answers 500 at the waypoint. Stateless.
final class VirtualServiceReader {
  private VirtualServiceReader() {}

  static VirtualServiceObject read(Meta meta, Fields top) {
    Fields spec = top.child("spec");
    List<String> hosts = spec.strings("hosts");
    for (int i = 0; i < hosts.size(); i++) {
      IstioFields.checkHost(spec, spec.at("hosts") + "[" + i + "]", hosts.get(i));
    }
    VirtualServiceObject read =
        new VirtualServiceObject(
            meta,
            hosts,
            spec.strings("gateways"),
            IstioFields.exportTo(spec),
            spec.list("http", VirtualServiceReader::http),
            spec.list("tls", rule -> connections(rule, true, hosts)),
            spec.list("tcp", rule -> connections(rule, false, hosts)));
    spec.done();
    if (read.http().isEmpty() && read.tls().isEmpty() && read.tcp().isEmpty()) {
      spec.error("http", "nothing", "rules under http, tls or tcp");
    }
    if (hosts.isEmpty()) {
      delegated(spec, read);
    }
    return read;
  }

  /// What a VirtualService without hosts, to which another one delegates, may not have.
  private static void delegated(Fields spec, VirtualServiceObject read) {
    if (!read.tls().isEmpty() || !read.tcp().isEmpty()) {
      spec.error("hosts", "nothing", "hosts (required beside tls and tcp)");
    }
    if (!read.gateways().isEmpty()) {
      spec.error("gateways", "gateways without hosts", "nothing");
    }
    if (read.http().stream().anyMatch(rule -> rule.delegate() != null)) {
      spec.error("http", "a delegate in a VirtualService without hosts", "one level of delegation");
    }
  }

  private static Http http(Fields rule) {
    List<String> unknown = new ArrayList<>();
    List<Match> matches = rule.list("match", match -> VirtualMatchReader.http(match, unknown));
    List<Destination> destinations = rule.list("route", VirtualServiceReader::destination);
    List<Mirror> mirrors = VirtualActionReader.mirrors(rule);
    Http read =
        new Http(
            rule.stringOr("name", ""),
            matches,
            rule.has("delegate") ? delegate(rule.child("delegate")) : null,
            destinations,
            rule.has("redirect") ? VirtualActionReader.redirect(rule.child("redirect")) : null,
            rule.has("directResponse")
                ? VirtualActionReader.direct(rule.child("directResponse"))
                : null,
            rule.has("rewrite") ? VirtualActionReader.rewrite(rule.child("rewrite")) : null,
            IstioFields.duration(rule, "timeout", true),
            rule.has("retries") ? VirtualFailureReader.retries(rule.child("retries")) : null,
            rule.has("fault") ? VirtualFailureReader.fault(rule.child("fault")) : null,
            mirrors,
            rule.has("corsPolicy") ? VirtualActionReader.cors(rule.child("corsPolicy")) : null,
            VirtualHeaderReader.read(rule),
            HttpRouteReader.problem(unknown));
    rule.ignore(
        "delegate", "redirect", "directResponse", "rewrite", "retries", "fault", "corsPolicy");
    rule.done();
    oneAction(rule, read);
    weights(rule, destinations);
    return read;
  }

  private static void oneAction(Fields rule, Http read) {
    List<String> actions = new ArrayList<>();
    note(actions, "delegate", read.delegate());
    note(actions, "directResponse", read.direct());
    note(actions, "redirect", read.redirect());
    note(actions, "route", read.destinations().isEmpty() ? null : read);
    if (actions.size() != 1) {
      rule.error(
          "route",
          actions.isEmpty() ? "nothing" : String.join(" and ", actions),
          "one of delegate, directResponse, redirect, route");
    }
    if (read.rewrite() != null && (read.redirect() != null || read.direct() != null)) {
      rule.error("rewrite", "a rewrite beside an answer of the rule", "one of the two");
    }
  }

  private static void note(List<String> to, String name, @Nullable Object value) {
    if (value != null) {
      to.add(name);
    }
  }

  private static void weights(Fields rule, List<Destination> destinations) {
    if (destinations.size() > 1 && destinations.stream().allMatch(d -> d.weight() == 0)) {
      rule.error("route", "weights that are all 0", "a weight above 0");
    }
  }

  private static Delegate delegate(Fields fields) {
    Delegate read = new Delegate(fields.stringOr("namespace", ""), fields.required("name"));
    fields.done();
    return read;
  }

  private static Connections connections(Fields rule, boolean tls, List<String> hosts) {
    Connections read =
        new Connections(
            rule.list("match", match -> VirtualMatchReader.connection(match, tls, hosts)),
            rule.list("route", VirtualServiceReader::destination));
    if (tls && read.matches().isEmpty()) {
      rule.error("match", "nothing", "a match with sniHosts");
    }
    if (read.destinations().isEmpty()) {
      rule.error("route", "nothing", "at least one destination");
    }
    rule.done();
    weights(rule, read.destinations());
    return read;
  }

  private static Destination destination(Fields share) {
    Destination to = VirtualActionReader.destination(share, "destination");
    Destination read =
        new Destination(
            to.host(),
            to.subset(),
            to.port(),
            (int) share.number("weight", 0, 0, Integer.MAX_VALUE),
            VirtualHeaderReader.read(share));
    share.done();
    return read;
  }
}
