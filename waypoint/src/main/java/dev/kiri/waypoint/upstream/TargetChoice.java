package dev.kiri.waypoint.upstream;

/// Which endpoint a request goes to.
public sealed interface TargetChoice {
  record Chosen(Target target) implements TargetChoice {}

  /// The service is not known: nothing to choose from.
  record UnknownService() implements TargetChoice {}

  /// Known, but without a healthy endpoint for that port.
  record NoneHealthy() implements TargetChoice {}

  /// Its endpoints' addresses are being asked for: choose again behind [HostNames#whenSettled].
  record Unresolved(String host) implements TargetChoice {}

  /// Nobody knows the address of the host that was asked for.
  record NotResolved(String host, String why) implements TargetChoice {}

  /// What was asked for is not what the service stands for.
  record Misdirected() implements TargetChoice {}

  /// As many requests or connections are under way as the policy allows.
  record Overflow() implements TargetChoice {}

  /// Nothing may be sent there.
  record Refused(String why) implements TargetChoice {}
}
