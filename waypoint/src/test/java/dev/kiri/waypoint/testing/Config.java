package dev.kiri.waypoint.testing;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.kiri.waypoint.config.v1.AuthorizationPolicy;
import dev.kiri.waypoint.config.v1.Header;
import dev.kiri.waypoint.config.v1.HttpBackend;
import dev.kiri.waypoint.config.v1.HttpFilter;
import dev.kiri.waypoint.config.v1.HttpMatch;
import dev.kiri.waypoint.config.v1.HttpRoute;
import dev.kiri.waypoint.config.v1.HttpRule;
import dev.kiri.waypoint.config.v1.ObjectRef;
import dev.kiri.waypoint.config.v1.PathMatch;
import dev.kiri.waypoint.config.v1.PolicyTarget;
import dev.kiri.waypoint.config.v1.Protocol;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.config.v1.RouteParent;
import dev.kiri.waypoint.config.v1.Service;
import dev.kiri.waypoint.config.v1.ServiceBackend;
import dev.kiri.waypoint.config.v1.ServicePort;
import dev.kiri.waypoint.config.v1.ValueMatch;
import dev.kiri.waypoint.config.v1.VirtualService;
import dev.kiri.waypoint.config.v1.WholeWaypoint;
import java.util.List;
import java.util.function.UnaryOperator;

/// Short ways to write resources. All routes and services live in namespace `shop`.
public final class Config {
  public static final String NAMESPACE = "shop";

  private Config() {}

  public static String host(String service) {
    return service + ".shop.svc.cluster.local";
  }

  public static ObjectRef ref(String kind, String name) {
    return ObjectRef.newBuilder().setKind(kind).setNamespace(NAMESPACE).setName(name).build();
  }

  public static Resource route(String name, String service, int port, HttpRule... rules) {
    HttpRoute.Builder route =
        HttpRoute.newBuilder()
            .addParents(
                RouteParent.newBuilder()
                    .setKind("Service")
                    .setNamespace(NAMESPACE)
                    .setName(service)
                    .setHostname(host(service))
                    .setPort(port))
            .setCreationTime(Timestamp.newBuilder().setSeconds(1))
            .addAllRules(List.of(rules));
    return Resource.newBuilder().setSource(ref("HTTPRoute", name)).setHttpRoute(route).build();
  }

  /// A VirtualService of `catalog`, on every port.
  ///
  /// @param created seconds, the older object comes first
  public static Resource virtualService(
      String name, int created, UnaryOperator<VirtualService.Builder> fill) {
    var service =
        VirtualService.newBuilder()
            .addAllParents(route(name, "catalog", 0).getHttpRoute().getParentsList())
            .setCreationTime(Timestamp.newBuilder().setSeconds(created));
    return Resource.newBuilder()
        .setSource(ref("VirtualService", name))
        .setVirtualService(fill.apply(service))
        .build();
  }

  /// What port 80 of a service is declared to speak.
  public static Resource declared(String service, Protocol protocol) {
    return Resource.newBuilder()
        .setSource(ref("Service", service))
        .setService(
            Service.newBuilder()
                .setNamespace(NAMESPACE)
                .setHostname(host(service))
                .addPorts(ServicePort.newBuilder().setPort(80).setProtocol(protocol)))
        .build();
  }

  public static HttpRule.Builder rule(HttpMatch... matches) {
    return HttpRule.newBuilder().addAllMatches(List.of(matches));
  }

  public static HttpMatch prefix(String path) {
    return HttpMatch.newBuilder().setPath(PathMatch.newBuilder().setPrefix(path)).build();
  }

  public static HttpMatch exact(String path) {
    return HttpMatch.newBuilder().setPath(PathMatch.newBuilder().setExact(path)).build();
  }

  public static HttpMatch header(String name, String value) {
    return HttpMatch.newBuilder().addHeaders(value(name, value)).build();
  }

  public static ValueMatch value(String name, String value) {
    return ValueMatch.newBuilder().setName(name).setExact(value).build();
  }

  public static HttpBackend backend(String service, int weight) {
    return HttpBackend.newBuilder()
        .setService(
            ServiceBackend.newBuilder()
                .setNamespace(NAMESPACE)
                .setHostname(host(service))
                .setPort(80))
        .setWeight(weight)
        .build();
  }

  public static HttpFilter setHeader(String name, String value) {
    return HttpFilter.newBuilder()
        .setRequestHeaders(
            dev.kiri.waypoint.config.v1.HeaderModifier.newBuilder()
                .addSet(Header.newBuilder().setName(name).setValue(value)))
        .build();
  }

  public static Duration millis(int millis) {
    return Duration.newBuilder()
        .setSeconds(millis / 1000)
        .setNanos(millis % 1000 * 1_000_000)
        .build();
  }

  public static Resource policy(String name, AuthorizationPolicy.Builder policy) {
    if (policy.getTargetsCount() == 0) {
      policy.addTargets(
          PolicyTarget.newBuilder().setWholeWaypoint(WholeWaypoint.getDefaultInstance()));
    }
    return Resource.newBuilder()
        .setSource(ref("AuthorizationPolicy", name))
        .setAuthorizationPolicy(policy)
        .build();
  }

  /// The name a resource goes by on the stream.
  public static String name(Resource resource) {
    ObjectRef source = resource.getSource();
    return source.getKind() + "/" + source.getNamespace() + "/" + source.getName();
  }
}
