package dev.kiri.redirect.zds;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kiri.redirect.zds.proto.Ack;
import dev.kiri.redirect.zds.proto.AddWorkload;
import dev.kiri.redirect.zds.proto.DelWorkload;
import dev.kiri.redirect.zds.proto.KeepWorkload;
import dev.kiri.redirect.zds.proto.SnapshotSent;
import dev.kiri.redirect.zds.proto.Version;
import dev.kiri.redirect.zds.proto.WorkloadRequest;
import dev.kiri.redirect.zds.proto.WorkloadResponse;
import dev.kiri.redirect.zds.proto.ZdsHello;

/// The bytes of each message. Pure.
final class ZdsMessages {
  /// Receive buffer of both ends upstream: a longer packet is an error there, so none may be sent.
  static final int MAX_BYTES = 1024;

  // Room for the two message headers around an error text.
  private static final int MAX_ERROR_CHARS = 300;

  private ZdsMessages() {}

  static byte[] hello() {
    return ZdsHello.newBuilder().setVersion(Version.V1).build().toByteArray();
  }

  static void checkHello(byte[] packet) throws InvalidZdsMessage {
    try {
      var version = ZdsHello.parseFrom(packet).getVersion();
      if (version != Version.V1) {
        throw new InvalidZdsMessage("hello of version " + version + ", this agent speaks V1");
      }
    } catch (InvalidProtocolBufferException malformed) {
      throw new InvalidZdsMessage("hello is not a ZdsHello message", malformed);
    }
  }

  static byte[] encode(ZdsRequest request) throws InvalidZdsMessage {
    var message = WorkloadRequest.newBuilder();
    switch (request) {
      case ZdsRequest.Add(var uid, var workload) ->
          message.setAdd(
              AddWorkload.newBuilder()
                  .setUid(uid)
                  .setWorkloadInfo(
                      dev.kiri.redirect.zds.proto.WorkloadInfo.newBuilder()
                          .setName(workload.name())
                          .setNamespace(workload.namespace())
                          .setServiceAccount(workload.serviceAccount())));
      case ZdsRequest.Keep(var uid) -> message.setKeep(KeepWorkload.newBuilder().setUid(uid));
      case ZdsRequest.Delete(var uid) -> message.setDel(DelWorkload.newBuilder().setUid(uid));
      case ZdsRequest.SnapshotSent() -> message.setSnapshotSent(SnapshotSent.newBuilder());
    }
    var bytes = message.build().toByteArray();
    if (bytes.length >= MAX_BYTES) {
      throw new InvalidZdsMessage(
          "message of " + bytes.length + " bytes, fewer than " + MAX_BYTES + " fit");
    }
    return bytes;
  }

  static ZdsRequest decode(byte[] packet) throws InvalidZdsMessage, ZdsViolation {
    WorkloadRequest message;
    try {
      message = WorkloadRequest.parseFrom(packet);
    } catch (InvalidProtocolBufferException malformed) {
      throw new InvalidZdsMessage("packet is not a WorkloadRequest message", malformed);
    }
    return switch (message.getPayloadCase()) {
      case ADD -> add(message.getAdd());
      case DEL -> new ZdsRequest.Delete(message.getDel().getUid());
      case SNAPSHOT_SENT -> new ZdsRequest.SnapshotSent();
      case KEEP -> new ZdsRequest.Keep(message.getKeep().getUid());
      case PAYLOAD_NOT_SET ->
          throw new InvalidZdsMessage("request without a payload this version knows");
    };
  }

  private static ZdsRequest add(AddWorkload add) throws ZdsViolation {
    if (!add.hasWorkloadInfo()) {
      throw new ZdsViolation("add of " + add.getUid() + " without workload_info");
    }
    var info = add.getWorkloadInfo();
    return new ZdsRequest.Add(
        add.getUid(),
        new WorkloadInfo(info.getName(), info.getNamespace(), info.getServiceAccount()));
  }

  /// An acknowledgement; an empty error is success. Longer texts are cut, because longer packets
  /// are lost.
  static byte[] ack(String error) {
    var text = error.length() <= MAX_ERROR_CHARS ? error : error.substring(0, MAX_ERROR_CHARS);
    return WorkloadResponse.newBuilder()
        .setAck(Ack.newBuilder().setError(text))
        .build()
        .toByteArray();
  }

  /// The error text of an acknowledgement, empty on success.
  static String ackError(byte[] packet) throws InvalidZdsMessage {
    try {
      var response = WorkloadResponse.parseFrom(packet);
      if (!response.hasAck()) {
        throw new InvalidZdsMessage("response is no acknowledgement");
      }
      return response.getAck().getError();
    } catch (InvalidProtocolBufferException malformed) {
      throw new InvalidZdsMessage("packet is not a WorkloadResponse message", malformed);
    }
  }
}
