package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.VirtualServiceObject.Fault;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Retries;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Reads what a VirtualService's rules say about failures: those that are tried again, and those
/// that are made up. Stateless.
final class VirtualFailureReader {
  /// gRPC's codes by number.
  private static final List<String> GRPC =
      List.of(
          "OK",
          "CANCELLED",
          "UNKNOWN",
          "INVALID_ARGUMENT",
          "DEADLINE_EXCEEDED",
          "NOT_FOUND",
          "ALREADY_EXISTS",
          "PERMISSION_DENIED",
          "RESOURCE_EXHAUSTED",
          "FAILED_PRECONDITION",
          "ABORTED",
          "OUT_OF_RANGE",
          "UNIMPLEMENTED",
          "INTERNAL",
          "UNAVAILABLE",
          "DATA_LOSS",
          "UNAUTHENTICATED");

  private static final Set<String> RETRY_ON =
      Set.of(
          "5xx",
          "gateway-error",
          "reset",
          "reset-before-request",
          "connect-failure",
          "refused-stream",
          "retriable-4xx",
          "retriable-status-codes",
          "envoy-ratelimited",
          "cancelled",
          "deadline-exceeded",
          "internal",
          "resource-exhausted",
          "unavailable");

  private VirtualFailureReader() {}

  static Retries retries(Fields fields) {
    List<String> on = new ArrayList<>();
    List<Integer> codes = new ArrayList<>();
    for (String word : fields.stringOr("retryOn", "").split(",")) {
      read(word.strip(), on, codes, fields);
    }
    Retries read =
        new Retries(
            fields.has("attempts") ? (Integer) (int) fields.number("attempts", 2, 0, 1000) : null,
            IstioFields.duration(fields, "perTryTimeout", true),
            List.copyOf(on),
            List.copyOf(codes),
            IstioFields.duration(fields, "backoff", false),
            fields.has("retryIgnorePreviousHosts")
                ? (Boolean) fields.bool("retryIgnorePreviousHosts", true)
                : null);
    if (fields.has("retryRemoteLocalities")) {
      fields.warning(
          "retryRemoteLocalities",
          Fields.show(fields.raw("retryRemoteLocalities")),
          "nothing (a retry avoids endpoints that failed, whatever their locality)");
    }
    fields.done();
    return read;
  }

  private static void read(String word, List<String> on, List<Integer> codes, Fields fields) {
    if (word.matches("[1-5][0-9][0-9]")) {
      codes.add(Integer.parseInt(word));
    } else if (!word.isEmpty()) {
      on.add(word);
      if (!RETRY_ON.contains(word)) {
        fields.warning(
            "retryOn",
            Fields.show(word) + ", which never matches",
            "status codes and " + String.join(", ", RETRY_ON.stream().sorted().toList()));
      }
    }
  }

  static Fault fault(Fields fields) {
    Fields delay = fields.child("delay");
    Fields abort = fields.child("abort");
    Duration fixed = IstioFields.duration(delay, "fixedDelay", false);
    if (fields.has("delay") && fixed == null && !delay.has("fixedDelay")) {
      delay.error("fixedDelay", "nothing", "a duration (required)");
    }
    double delayPercent =
        IstioFields.percentage(delay, "percentage", delay.decimal("percent", 0, 0, 100));
    Integer grpc = null;
    if (abort.has("grpcStatus")) {
      String name = abort.choice("grpcStatus", "", GRPC);
      grpc = GRPC.contains(name) ? (Integer) GRPC.indexOf(name) : null;
    }
    Integer http =
        abort.has("httpStatus") ? (Integer) (int) abort.number("httpStatus", 500, 200, 599) : null;
    double abortPercent = IstioFields.percentage(abort, "percentage", 0);
    if (fields.has("abort") && !(abort.has("httpStatus") ^ abort.has("grpcStatus"))) {
      abort.error(
          "httpStatus",
          abort.has("httpStatus") ? "httpStatus and grpcStatus" : "nothing",
          "one of httpStatus, grpcStatus");
    }
    delay.done();
    abort.done();
    fields.ignore("delay", "abort");
    fields.done();
    return new Fault(fixed, delayPercent, http, grpc, abortPercent);
  }
}
