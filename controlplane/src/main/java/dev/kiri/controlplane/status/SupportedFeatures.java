package dev.kiri.controlplane.status;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The features of the Gateway API that our waypoints have, by the names that its conformance suite
/// knows (kubernetes-sigs/gateway-api pkg/features). The conformance tests of `it/` try them.
final class SupportedFeatures {
  /// `status.supportedFeatures` of a GatewayClass. The suite refuses a list that is not sorted.
  static final List<Map<String, String>> LIST =
      Stream.of(
              "GRPCRoute",
              "GRPCRouteNamedRouteRule",
              "GRPCRouteRequestHeaderModifier",
              "HTTPRoute",
              "HTTPRoute303RedirectStatusCode",
              "HTTPRoute307RedirectStatusCode",
              "HTTPRoute308RedirectStatusCode",
              "HTTPRouteBackendProtocolH2C",
              "HTTPRouteBackendProtocolWebSocket",
              "HTTPRouteBackendRequestHeaderModification",
              "HTTPRouteBackendRequestRedirect",
              "HTTPRouteBackendTimeout",
              "HTTPRouteBackendURLRewrite",
              "HTTPRouteCORS",
              "HTTPRouteDestinationPortMatching",
              "HTTPRouteHostRewrite",
              "HTTPRouteMethodMatching",
              "HTTPRouteNamedRouteRule",
              "HTTPRouteParentRefPort",
              "HTTPRoutePathRedirect",
              "HTTPRoutePathRewrite",
              "HTTPRoutePortRedirect",
              "HTTPRouteQueryParamMatching",
              "HTTPRouteRequestMirror",
              "HTTPRouteRequestMultipleMirrors",
              "HTTPRouteRequestPercentageMirror",
              "HTTPRouteRequestTimeout",
              "HTTPRouteResponseHeaderModification",
              "HTTPRouteRetry",
              "HTTPRouteRetryBackendTimeout",
              "HTTPRouteRetryConnectionError",
              "HTTPRouteSchemeRedirect",
              "Mesh",
              "MeshClusterIPMatching",
              "MeshConsumerRoute",
              "MeshHTTPRouteBackendRequestHeaderModification",
              "MeshHTTPRouteNamedRouteRule",
              "MeshHTTPRouteQueryParamMatching",
              "MeshHTTPRouteRedirectPath",
              "MeshHTTPRouteRedirectPort",
              "MeshHTTPRouteRewritePath",
              "MeshHTTPRouteSchemeRedirect",
              "TCPRoute",
              "TLSRoute")
          .sorted()
          .map(name -> Map.of("name", name))
          .toList();

  private SupportedFeatures() {}
}
