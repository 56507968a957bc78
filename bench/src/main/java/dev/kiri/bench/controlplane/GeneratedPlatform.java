package dev.kiri.bench.controlplane;

import dev.kiri.controlplane.ca.FolderRoot;
import dev.kiri.controlplane.ca.RootStore;
import dev.kiri.controlplane.caller.Caller;
import dev.kiri.controlplane.caller.TokenCheck;
import dev.kiri.controlplane.caller.TokenVerdict;
import dev.kiri.controlplane.platform.Platform;
import dev.kiri.controlplane.source.FolderSource;
import dev.kiri.controlplane.source.FolderWriter;
import dev.kiri.controlplane.source.Leadership;
import dev.kiri.controlplane.source.ObjectSource;
import dev.kiri.controlplane.source.ObjectWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/// Generated objects and a folder; every token is that of a ztunnel.
final class GeneratedPlatform implements Platform {
  private final ObjectSource source;
  private final ObjectWriter writer;
  private final RootStore root;

  GeneratedPlatform(Path folder, int pods, int services) throws IOException {
    Path objects = Files.createDirectories(folder.resolve("objects"));
    Path overlay = Files.createDirectories(folder.resolve("overlay"));
    this.source = new GeneratedSource(pods, services, new FolderSource(objects, overlay));
    // what it writes is not read again, as in a cluster it would cost its server's time
    this.writer = new FolderWriter(folder.resolve("written"), overlay, Clock.systemUTC());
    this.root = new FolderRoot(folder.resolve("state"));
  }

  @Override
  public ObjectSource source() {
    return source;
  }

  @Override
  public ObjectWriter writer() {
    return writer;
  }

  @Override
  public TokenCheck tokens() {
    return _ ->
        new TokenVerdict.Proven(new Caller("istio-system", "ztunnel", "", "", Caller.Proof.TOKEN));
  }

  @Override
  public RootStore root() {
    return root;
  }

  @Override
  public Leadership leadership() {
    return Leadership.alone();
  }

  @Override
  public void close() {
    source.close();
  }
}
