package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.kinds.VirtualServiceObject;
import dev.kiri.controlplane.kinds.VirtualServiceObject.ConnectionMatch;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Connections;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Cors;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Delegate;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Destination;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Direct;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Fault;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Http;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Match;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Mirror;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Redirect;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Retries;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Rewrite;
import dev.kiri.waypoint.config.v1.ConnectionRule;
import dev.kiri.waypoint.config.v1.HttpBackend;
import dev.kiri.waypoint.config.v1.HttpFilter;
import dev.kiri.waypoint.config.v1.HttpRule;
import dev.kiri.waypoint.config.v1.HttpTimeouts;
import dev.kiri.waypoint.config.v1.RequestMirror;
import dev.kiri.waypoint.config.v1.VirtualService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A VirtualService in the waypoint's schema without its parents, its delegates' rules in it, and
/// what is wrong with it. Confined to one derivation.
final class VirtualServiceConversion {
  private final VirtualServiceObject object;
  private final Table<String, VirtualServiceObject> all;
  private final Destinations destinations;
  private final VirtualMatches matches;
  private final Reader reader;
  private final List<String> problems = new ArrayList<>();

  VirtualServiceConversion(
      VirtualServiceObject object,
      Table<String, VirtualServiceObject> all,
      Destinations destinations,
      Workloads clients,
      Reader reader) {
    this.object = object;
    this.all = all;
    this.destinations = destinations;
    this.matches = new VirtualMatches(clients, reader);
    this.reader = reader;
  }

  /// What is wrong with rules that answer an error, each with its field.
  List<String> problems() {
    return problems;
  }

  VirtualService.Builder convert() {
    VirtualService.Builder out =
        VirtualService.newBuilder()
            .addAllHosts(object.hosts())
            .setCreationTime(Resources.created(object))
            .addAllClientNamespaces(
                Exports.namespaces(object.exportTo(), object.meta().namespace()));
    int position = 0;
    for (Http rule : object.http()) {
      String where = "spec.http[" + position++ + "]";
      Delegate delegate = rule.delegate();
      if (delegate == null) {
        add(out, rule, object, where);
      } else {
        delegated(out, rule, delegate, where);
      }
    }
    connections(object.tls(), "spec.tls").forEach(out::addTls);
    connections(object.tcp(), "spec.tcp").forEach(out::addTcp);
    return out;
  }

  private void delegated(VirtualService.Builder out, Http rule, Delegate delegate, String where) {
    String namespace =
        delegate.namespace().isEmpty() ? object.meta().namespace() : delegate.namespace();
    String path = namespace + "/" + delegate.name();
    VirtualServiceObject other = reader.get(all, path);
    if (other == null
        || !other.hosts().isEmpty()
        || !Exports.reach(other.exportTo(), namespace, object.meta().namespace())) {
      String why =
          other == null
              ? "delegate " + path + " not found"
              : other.hosts().isEmpty()
                  ? "delegate " + path + " is not exported to " + object.meta().namespace()
                  : "delegate " + path + " has hosts of its own";
      problems.add(where + ".delegate: " + why);
      if (rule.matches().isEmpty() || rule.matches().stream().anyMatch(m -> m.client().ofMesh())) {
        out.addHttp(matched(rule).setInvalid(Backends.invalid("BackendNotFound", why)));
      }
      return;
    }
    for (Http inner : other.http()) {
      Http merged = Delegation.merge(rule, inner);
      if (merged == null) {
        problems.add(where + ".delegate: a rule of " + path + " can never match beside this one's");
      } else {
        add(out, merged, other, where);
      }
    }
  }

  private HttpRule.Builder matched(Http rule) {
    HttpRule.Builder out = HttpRule.newBuilder().setName(rule.name());
    for (Match match : rule.matches()) {
      if (match.client().ofMesh()) {
        out.addMatches(matches.http(match));
      }
    }
    return out;
  }

  /// A rule whose matches are all about gateways is none of the mesh's.
  private void add(
      VirtualService.Builder to, Http rule, VirtualServiceObject holder, String where) {
    HttpRule.Builder out = matched(rule);
    if (!rule.matches().isEmpty() && out.getMatchesCount() == 0) {
      return;
    }
    if (!holder.key().equals(object.key())) {
      out.setDefinedIn(Resources.reference(holder));
    }
    if (rule.matches().isEmpty()) {
      out.addMatches(
          dev.kiri.waypoint.config.v1.HttpMatch.newBuilder()
              .setPath(dev.kiri.waypoint.config.v1.PathMatch.newBuilder().setTextPrefix("/")));
    }
    String problem = rule.problem();
    if (problem != null) {
      problems.add(where + ": " + problem);
      out.setInvalid(Backends.invalid("UnsupportedValue", problem));
    }
    actions(out, rule, holder.meta().namespace(), where);
    to.addHttp(out);
  }

  private void actions(HttpRule.Builder out, Http rule, String namespace, String where) {
    out.addAllFilters(VirtualRules.headers(rule.headers()));
    Redirect redirect = rule.redirect();
    if (redirect != null) {
      out.addFilters(VirtualRules.redirect(redirect));
    }
    Rewrite rewrite = rule.rewrite();
    if (rewrite != null && redirect == null && rule.direct() == null) {
      out.addFilters(VirtualRules.rewrite(rewrite));
    }
    Cors cors = rule.cors();
    if (cors != null) {
      out.addFilters(VirtualRules.cors(cors));
    }
    Direct direct = rule.direct();
    if (direct != null) {
      out.setDirectResponse(VirtualRules.direct(direct));
    }
    Fault fault = rule.fault();
    if (fault != null) {
      out.setFault(VirtualRules.fault(fault));
    }
    for (Mirror mirror : rule.mirrors()) {
      HttpBackend.Builder to =
          destinations.resolve(
              mirror.destination(), namespace, where + ".mirror", problems, reader);
      if (to.hasService()) {
        out.addFilters(
            HttpFilter.newBuilder()
                .setMirror(
                    RequestMirror.newBuilder()
                        .setBackend(to)
                        .setFraction(VirtualRules.share(mirror.percent()))));
      }
    }
    backends(rule.destinations(), namespace, where).forEach(out::addBackends);
    HttpTimeouts.Builder timeouts = HttpTimeouts.newBuilder();
    Duration whole = rule.timeout();
    if (whole != null) {
      timeouts.setRequest(RouteConversion.duration(whole));
    }
    Retries retries = rule.retries();
    if (retries != null) {
      Duration single = retries.perTryTimeout();
      if (single != null) {
        timeouts.setBackendRequest(RouteConversion.duration(single));
      }
      out.setRetry(VirtualRules.retries(retries));
    }
    out.setTimeouts(timeouts);
  }

  /// A single destination gets everything, whatever its weight says.
  private List<HttpBackend> backends(List<Destination> to, String namespace, String where) {
    List<HttpBackend> out = new ArrayList<>();
    for (int i = 0; i < to.size(); i++) {
      Destination one = to.get(i);
      out.add(
          destinations
              .resolve(one, namespace, where + ".route[" + i + "]", problems, reader)
              .setWeight(to.size() == 1 ? 1 : one.weight())
              .addAllFilters(VirtualRules.headers(one.headers()))
              .build());
    }
    return out;
  }

  private List<ConnectionRule> connections(List<Connections> rules, String list) {
    List<ConnectionRule> out = new ArrayList<>();
    int position = 0;
    for (Connections rule : rules) {
      String where = list + "[" + position++ + "]";
      ConnectionRule.Builder built = ConnectionRule.newBuilder();
      for (ConnectionMatch match : rule.matches()) {
        if (match.client().ofMesh()) {
          built.addMatches(matches.connection(match));
        }
      }
      if (rule.matches().isEmpty() || built.getMatchesCount() > 0) {
        out.add(
            built
                .addAllBackends(backends(rule.destinations(), object.meta().namespace(), where))
                .build());
      }
    }
    return out;
  }
}
