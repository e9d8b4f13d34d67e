package io.faultline.cli.output;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;

/**
 * A file that is written beside its place, and renamed when it is complete. Until then it occupies
 * space, so that the contents still fit if the file system fills up meanwhile.
 */
final class ReplacedFile implements OutputFile {
  /** More than a result with a thousand vCPUs. */
  private static final int RESERVE_BYTES = 64 << 10;

  /** In this order: a change of the owner resets bits of the mode. */
  private static final List<String> KEPT = List.of("unix:uid", "unix:gid", "unix:mode");

  private final Path place;
  private final Path directory;
  private final Path temporary;
  private final FileChannel channel;
  private boolean closed;

  private ReplacedFile(Path place, Path directory, Path temporary) throws IOException {
    this.place = place;
    this.directory = directory;
    this.temporary = temporary;
    try {
      this.channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (AccessDeniedException e) {
      throw new AccessDeniedException(directory.toString());
    }
  }

  /** Opens a file that does not exist. */
  static ReplacedFile create(Path place) throws IOException {
    Path directory = Objects.requireNonNull(place.getParent(), "directory");
    String unique = ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime());
    ReplacedFile file =
        new ReplacedFile(place, directory, directory.resolve(".faultline-" + unique + ".tmp"));
    try {
      file.writeFromStart(new byte[RESERVE_BYTES]);
      return file;
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /** Opens a file in place of one that exists; it will have the same owner and permissions. */
  static ReplacedFile replace(Path place) throws IOException {
    if (!Files.isWritable(place)) {
      throw new AccessDeniedException(place.toString());
    }
    ReplacedFile file = create(place);
    try {
      for (String attribute : KEPT) {
        Files.setAttribute(file.temporary, attribute, Files.getAttribute(place, attribute));
      }
    } catch (IOException | UnsupportedOperationException e) {
      return file; // only root may give files away; no reason to do without a result
    }
    return file;
  }

  @Override
  public synchronized void write(byte[] contents) throws IOException {
    if (closed) {
      throw new IOException("this process is ending");
    }
    writeFromStart(contents);
    channel.truncate(contents.length);
    channel.force(true);
    try {
      Files.move(
          temporary, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      writeInPlace(contents);
    }
  }

  /**
   * For a file that is a mount point, as in a container, and cannot be replaced; or if something
   * has deleted the temporary file.
   */
  private void writeInPlace(byte[] contents) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new NoSuchFileException(directory.toString());
    }
    Files.write(place, contents);
  }

  private void writeFromStart(byte[] bytes) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    while (rest.hasRemaining()) {
      int written = channel.write(rest, rest.position());
      assert written >= 0 : written;
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (channel) {
      Files.deleteIfExists(temporary); // there unless it was renamed
    } catch (IOException e) {
      return; // its directory has gone, or the file system has become read-only
    }
  }
}
