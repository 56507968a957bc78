package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.RouteObject.Header;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A VirtualService with every field that has a meaning in the mesh. What is absent is null, an
/// empty collection, an empty text or 0.
///
/// @param hosts as written; none for a delegate
/// @param gateways as written; none means the mesh
/// @param exportTo as written; none means every namespace
public record VirtualServiceObject(
    Meta meta,
    List<String> hosts,
    List<String> gateways,
    List<String> exportTo,
    List<Http> http,
    List<Connections> tls,
    List<Connections> tcp)
    implements MeshObject {
  /// The gateway that stands for all clients of the mesh.
  public static final String MESH = "mesh";

  /// A rule for requests. `problem` is set where the rule cannot be honoured as written.
  public record Http(
      String name,
      List<Match> matches,
      @Nullable Delegate delegate,
      List<Destination> destinations,
      @Nullable Redirect redirect,
      @Nullable Direct direct,
      @Nullable Rewrite rewrite,
      @Nullable Duration timeout,
      @Nullable Retries retries,
      @Nullable Fault fault,
      List<Mirror> mirrors,
      @Nullable Cors cors,
      @Nullable Headers headers,
      @Nullable String problem) {}

  /// How a text is compared.
  public enum Comparison {
    EXACT,
    PREFIX,
    REGEX,
    PRESENT
  }

  /// A condition on a text.
  public record TextMatch(Comparison type, String value) {}

  /// Conditions that must all hold.
  public record Match(
      String name,
      @Nullable TextMatch uri,
      boolean ignoreUriCase,
      @Nullable TextMatch scheme,
      @Nullable TextMatch method,
      @Nullable TextMatch authority,
      Map<String, TextMatch> headers,
      Map<String, TextMatch> withoutHeaders,
      Map<String, TextMatch> queryParams,
      Client client) {}

  /// Who asks, and at which of the service's ports.
  public record Client(
      int port, Map<String, String> sourceLabels, String sourceNamespace, List<String> gateways) {
    /// Whether it is about clients in the mesh and not of a gateway.
    public boolean ofMesh() {
      return gateways.isEmpty() || gateways.contains(MESH);
    }
  }

  /// Another VirtualService that holds the rules. The namespace is empty where absent.
  public record Delegate(String namespace, String name) {}

  /// Where a share goes; one destination gets all, whatever its weight.
  public record Destination(
      String host, String subset, int port, int weight, @Nullable Headers headers) {}

  /// Changes on the way there and back.
  public record Headers(Changes request, Changes response) {}

  /// Changes of one head.
  public record Changes(List<Header> set, List<Header> add, List<String> remove) {}

  /// `derivePort` is empty, FROM_PROTOCOL_DEFAULT or FROM_REQUEST_PORT.
  public record Redirect(
      String uri, String authority, String scheme, int port, String derivePort, int code) {}

  /// An answer of the rule's own; the body holds one byte a character.
  public record Direct(int status, String body) {}

  /// A new place; `regex` excludes `uri`.
  public record Rewrite(
      String uri, String authority, @Nullable String pattern, String substitution) {}

  /// Repeated tries; `retryOn` is split into its words and status codes.
  public record Retries(
      @Nullable Integer attempts,
      @Nullable Duration perTryTimeout,
      List<String> retryOn,
      List<Integer> codes,
      @Nullable Duration backoff,
      @Nullable Boolean ignorePreviousHosts) {}

  /// Failures made up; percentages from 0 to 100.
  public record Fault(
      @Nullable Duration delay,
      double delayPercent,
      @Nullable Integer httpStatus,
      @Nullable Integer grpcStatus,
      double abortPercent) {}

  /// A copy of a percentage of the requests.
  public record Mirror(Destination destination, double percent) {}

  /// Cross-origin rules.
  public record Cors(
      List<TextMatch> origins,
      List<String> methods,
      List<String> headers,
      List<String> expose,
      @Nullable Duration maxAge,
      boolean credentials,
      boolean ignoreUnmatched) {}

  /// A rule for connections.
  public record Connections(List<ConnectionMatch> matches, List<Destination> destinations) {}

  /// Conditions on a connection that must all hold.
  public record ConnectionMatch(
      List<String> sniHosts, List<String> destinationSubnets, Client client) {}

  /// Whether it is for clients in the mesh.
  public boolean ofMesh() {
    return gateways.isEmpty() || gateways.contains(MESH);
  }

  @Override
  public Kind kind() {
    return Kind.VIRTUAL_SERVICE;
  }
}
