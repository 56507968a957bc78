package dev.kiri.controlplane.kinds;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A route of the Gateway API, of any kind, with every field of the v1 API. A GRPCRoute's matches
/// name calls; a TCPRoute or TLSRoute has one rule of backends only, and a TLSRoute's `hostnames`
/// are server names of client hellos.
public record RouteObject(
    Kind kind, Meta meta, List<ParentRef> parents, List<String> hostnames, List<Rule> rules)
    implements MeshObject {
  /// The parent as written. `namespaceWritten`, `sectionName` and `port` are null where absent.
  public record ParentRef(
      String group,
      String kind,
      @Nullable String namespaceWritten,
      String name,
      @Nullable String sectionName,
      @Nullable Integer port,
      boolean groupWritten,
      boolean kindWritten) {
    /// Whether a Service or a ServiceEntry is meant, that is a route of the mesh.
    public boolean isFrontend() {
      return (group.isEmpty() && kind.equals("Service")) || isServiceEntry();
    }

    /// Whether a ServiceEntry is meant.
    public boolean isServiceEntry() {
      return group.equals("networking.istio.io") && kind.equals("ServiceEntry");
    }

    /// `namespace/name` of what is meant.
    public String path(String routeNamespace) {
      return (namespaceWritten == null ? routeNamespace : namespaceWritten) + "/" + name;
    }
  }

  /// One rule. `problem` is set where the rule cannot be honoured as written: it then answers 500.
  public record Rule(
      String name,
      List<Match> matches,
      List<Filter> filters,
      List<BackendRef> backends,
      @Nullable Timeouts timeouts,
      @Nullable Retry retry,
      @Nullable Session session,
      @Nullable String problem) {}

  /// Conditions that must all hold. `pathType` is Exact, PathPrefix or RegularExpression.
  public record Match(
      String pathType,
      String pathValue,
      List<ValueMatch> headers,
      List<ValueMatch> queryParams,
      String method,
      @Nullable Call call) {}

  /// The method of a GRPCRoute's match, in place of the path; empty for any. `regex` or else exact.
  public record Call(String service, String method, boolean regex) {}

  /// A header or query condition; `regex` or else exact.
  public record ValueMatch(String name, boolean regex, String value) {}

  /// A backend. The port is 0 where absent.
  public record BackendRef(
      String group,
      String kind,
      @Nullable String namespaceWritten,
      String name,
      int port,
      int weight,
      List<Filter> filters) {}

  /// A filter of a rule or of a backend.
  public sealed interface Filter {
    /// RequestHeaderModifier or ResponseHeaderModifier.
    record Headers(boolean request, List<Header> set, List<Header> add, List<String> remove)
        implements Filter {}

    /// RequestRedirect; port and status are 0 where absent.
    record Redirect(
        String scheme, String hostname, @Nullable PathModifier path, int port, int status)
        implements Filter {}

    /// URLRewrite.
    record Rewrite(String hostname, @Nullable PathModifier path) implements Filter {}

    /// RequestMirror of `numerator` out of `denominator` requests.
    record Mirror(BackendRef backend, int numerator, int denominator) implements Filter {}

    /// CORS.
    record Cors(
        List<String> allowOrigins,
        boolean allowCredentials,
        List<String> allowMethods,
        List<String> allowHeaders,
        List<String> exposeHeaders,
        int maxAgeSeconds)
        implements Filter {}

    /// A type that is not supported here; its requests are answered 500.
    record Unsupported(String type) implements Filter {}
  }

  /// A header's name and value.
  public record Header(String name, String value) {}

  /// ReplaceFullPath (`full`) or ReplacePrefixMatch.
  public record PathModifier(boolean full, String value) {}

  /// A client's session stays with one endpoint, told by a cookie or, `header`, a header of that
  /// name. `lifetime` is null for a cookie of the browser's session, `idle` and `absolute` where a
  /// session does not end after a time.
  public record Session(
      boolean header,
      String name,
      String path,
      @Nullable Duration lifetime,
      @Nullable Duration idle,
      @Nullable Duration absolute) {}

  /// Durations; null where absent.
  public record Timeouts(@Nullable Duration request, @Nullable Duration backendRequest) {}

  /// Retries; null where absent.
  public record Retry(
      List<Integer> codes, @Nullable Integer attempts, @Nullable Duration backoff) {}
}
