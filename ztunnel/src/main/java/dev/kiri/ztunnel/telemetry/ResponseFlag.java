package dev.kiri.ztunnel.telemetry;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.StreamClosed;
import org.jspecify.annotations.Nullable;

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

  /// The flag of a connection that ended with this error after it had been joined; null if cleanly.
  public static ResponseFlag ofEnd(@Nullable String error) {
    if (error == null) {
      return NONE;
    }
    return error.equals(StreamClosed.PeerRevoked.TEXT) ? CERT_REVOKED : CONNECT;
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
