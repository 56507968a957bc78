package dev.kiri.redirect.agent;

/// Labels and annotations that steer capture and tell of it; upstream's but for the one that
/// explains.
final class MeshLabels {
  static final String DATAPLANE_MODE = "istio.io/dataplane-mode";
  static final String REDIRECTION = "ambient.istio.io/redirection";
  /// Why a pod that is to be captured is not yet; there only as long as that is so.
  static final String REDIRECTION_MESSAGE = "kiri.dev/redirection-message";

  static final String BYPASS_INBOUND = "ambient.istio.io/bypass-inbound-capture";
  static final String DNS_CAPTURE = "ambient.istio.io/dns-capture";
  static final String VIRTUAL_INTERFACES = "istio.io/reroute-virtual-interfaces";
  static final String SIDECAR_STATUS = "sidecar.istio.io/status";
  static final String APP = "app";
  static final String ZTUNNEL_APP = "ztunnel";

  private MeshLabels() {}
}
