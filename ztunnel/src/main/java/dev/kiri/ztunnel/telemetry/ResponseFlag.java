package dev.kiri.ztunnel.telemetry;

import dev.kiri.hbone.HboneFailure;

/// How a connection ended, as the metrics' `response_flags` say it.
public enum ResponseFlag {
  NONE("-"),
  DENY("DENY"),
  CONNECT("CONNECT"),
  TLS_FAILURE("TLS_FAILURE"),
  H2_HANDSHAKE_FAILURE("H2_HANDSHAKE_FAILURE"),
  NETWORK_POLICY("NETWORK_POLICY"),
  IDENTITY_ERROR("IDENTITY_ERROR"),
  CERT_REVOKED("CERT_REVOKED");

  private final String text;

  ResponseFlag(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }

  /// The flag of a tunnel that could not be opened. Handshakes that the other end refuses are
  /// I/O errors here, as upstream has it.
  public static ResponseFlag of(HboneFailure failure) {
    return switch (failure) {
      case HboneFailure.ConnectTimedOut _ -> NETWORK_POLICY;
      case HboneFailure.Http2Failed _, HboneFailure.StreamFailed _ -> H2_HANDSHAKE_FAILURE;
      case HboneFailure.NoCertificate _ -> IDENTITY_ERROR;
      case HboneFailure.Io _,
          HboneFailure.TlsRefused _,
          HboneFailure.Refused _,
          HboneFailure.Saturated _,
          HboneFailure.Cancelled _ ->
          CONNECT;
    };
  }
}
