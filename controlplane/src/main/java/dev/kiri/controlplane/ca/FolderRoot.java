package dev.kiri.controlplane.ca;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/// A root in two files of a folder that one control plane uses: `ca-key.pem` (readable by the owner
/// only) and `ca-cert.pem`.
public final class FolderRoot implements RootStore {
  private static final String KEY_FILE = "ca-key.pem";
  private static final String CERTIFICATE_FILE = "ca-cert.pem";

  private final Path folder;

  /// A root in a folder, which is made when something is written.
  public FolderRoot(Path folder) {
    this.folder = folder;
  }

  @Override
  public @Nullable Kept read() throws IOException {
    Path certificate = folder.resolve(CERTIFICATE_FILE);
    return Files.exists(certificate)
        ? new Kept(Files.readString(folder.resolve(KEY_FILE)), Files.readString(certificate))
        : null;
  }

  /// The key is written first: without a certificate nobody has ever trusted it.
  @Override
  public Kept create(Kept fresh) throws IOException {
    Files.createDirectories(folder);
    Path hidden = folder.resolve(".ca-key.pem.tmp");
    Files.deleteIfExists(hidden);
    Files.createFile(
        hidden, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(hidden, fresh.keyPem());
    move(hidden, folder.resolve(KEY_FILE));
    return replace(fresh, fresh);
  }

  @Override
  public Kept replace(Kept old, Kept renewed) throws IOException {
    Path hidden = folder.resolve(".ca-cert.pem.tmp");
    Files.writeString(hidden, renewed.certificatePem());
    move(hidden, folder.resolve(CERTIFICATE_FILE));
    return renewed;
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public String toString() {
    return "folder " + folder;
  }
}
