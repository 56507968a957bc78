package dev.kiri.controlplane.platform;

import dev.kiri.controlplane.ca.FolderRoot;
import dev.kiri.controlplane.ca.RootStore;
import dev.kiri.controlplane.caller.KeySetTokens;
import dev.kiri.controlplane.caller.TokenCheck;
import dev.kiri.controlplane.source.FolderSource;
import dev.kiri.controlplane.source.FolderWriter;
import dev.kiri.controlplane.source.Leadership;
import dev.kiri.controlplane.source.ObjectSource;
import dev.kiri.controlplane.source.ObjectWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Set;

/// Folders of one machine.
public final class FolderPlatform implements Platform {
  private final FolderSource source;
  private final FolderWriter writer;
  private final TokenCheck tokens;
  private final RootStore root;
  private final Leadership leadership = Leadership.alone();

  /// The folders.
  ///
  /// @param objects folder of objects
  /// @param overlay tree of status and annotations over them
  /// @param state folder that holds the root key
  /// @param tokenKeys JWKS file
  public record Paths(Path objects, Path overlay, Path state, Path tokenKeys, String tokenIssuer) {}

  /// Reads nothing yet; watches the folders, which must exist.
  public FolderPlatform(Paths paths, Set<String> audiences, Clock clock) throws IOException {
    this.source = new FolderSource(paths.objects(), paths.overlay());
    this.writer = new FolderWriter(paths.objects(), paths.overlay(), clock);
    this.tokens = new KeySetTokens(paths.tokenKeys(), paths.tokenIssuer(), audiences);
    this.root = new FolderRoot(paths.state());
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
    return tokens;
  }

  @Override
  public RootStore root() {
    return root;
  }

  @Override
  public Leadership leadership() {
    return leadership;
  }

  @Override
  public void close() {
    source.close();
  }
}
