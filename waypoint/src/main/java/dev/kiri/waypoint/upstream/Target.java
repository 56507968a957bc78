package dev.kiri.waypoint.upstream;

import dev.kiri.mesh.workload.Workload;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// One endpoint: a workload's port. Equal by what a connection depends on: workload, identity,
/// address, way of reaching it and rules for that. Immutable; what is dear to work out is kept.
public final class Target {
  /// Same as upstream: HBONE listens on this port of every captured pod.
  private static final int HBONE_PORT = 15008;

  private final Workload workload;
  private final InetSocketAddress address;
  private final boolean tunnelled;
  private final ConnectionRules rules;
  private final int hash;
  private @Nullable String token;
  private long spread;

  /// @param tunnelled whether it is reached through HBONE on port 15008 of the same address
  public Target(Workload workload, InetSocketAddress address, boolean tunnelled) {
    this(workload, address, tunnelled, ConnectionRules.NONE);
  }

  private Target(
      Workload workload, InetSocketAddress address, boolean tunnelled, ConnectionRules rules) {
    this.workload = workload;
    this.address = address;
    this.tunnelled = tunnelled;
    this.rules = rules;
    this.hash = workload.uid().hashCode() * 31 + address.hashCode() + (tunnelled ? 1 : 0);
  }

  /// The same endpoint, reached by these rules.
  @SuppressWarnings("ReferenceEquality") // the common case; equal ones cost an object more
  public Target by(ConnectionRules other) {
    return other == rules ? this : new Target(workload, address, tunnelled, other);
  }

  public ConnectionRules rules() {
    return rules;
  }

  public Workload workload() {
    return workload;
  }

  /// Of the application.
  public InetSocketAddress address() {
    return address;
  }

  public boolean tunnelled() {
    return tunnelled;
  }

  InetSocketAddress tunnelAddress() {
    return new InetSocketAddress(address.getAddress(), HBONE_PORT);
  }

  /// Stands for this endpoint in a client's session and says nothing about it.
  public String token() {
    String known = token;
    if (known == null) {
      known = digest();
      token = known;
    }
    return known;
  }

  /// What keys are spread over endpoints by; the same for the same address.
  long spread() {
    if (spread == 0) {
      spread = Rendezvous.hash(address.toString());
    }
    return spread;
  }

  private String digest() {
    try {
      byte[] text = (workload.uid() + "|" + address).getBytes(StandardCharsets.UTF_8);
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text);
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  /// As access logs print it.
  public String text() {
    String host = NetUtil.toSocketAddressString(address);
    return tunnelled ? "envoy://connect_originate/" + host : host;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Target target
        && target.hash == hash
        && target.tunnelled == tunnelled
        && target.workload.uid().equals(workload.uid())
        && target.address.equals(address)
        && target.rules.equals(rules)
        && target.workload.serviceAccount().equals(workload.serviceAccount());
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return text();
  }
}
