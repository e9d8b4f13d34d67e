package io.faultline.cli.output;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A device, a FIFO, a descriptor of this process, or a file that can only be overwritten. */
final class OpenedStream implements OutputFile {
  private static final long OPEN_SECONDS = 3;
  private static final Path DESCRIPTORS =
      Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "fd");

  /** How the contents are added to what is there. */
  private enum Mode {
    APPEND,
    OVERWRITE,
    /** Appends to a descriptor that stays open for others. */
    SHARED
  }

  private final FileChannel channel;
  private final Mode mode;

  private OpenedStream(FileChannel channel, Mode mode) {
    this.channel = channel;
    this.mode = mode;
  }

  /**
   * Opens a device, a FIFO or a descriptor.
   *
   * @throws IOException if it cannot be opened; if nothing opens a FIFO to read from it, after some
   *     seconds
   */
  static OpenedStream open(Path path) throws IOException {
    // A file that is opened again is written from its beginning: these two are open already.
    if (path.equals(DESCRIPTORS.resolve("1"))) {
      return new OpenedStream(new FileOutputStream(FileDescriptor.out).getChannel(), Mode.SHARED);
    }
    if (path.equals(DESCRIPTORS.resolve("2"))) {
      return new OpenedStream(new FileOutputStream(FileDescriptor.err).getChannel(), Mode.SHARED);
    }
    return new OpenedStream(openInTime(path), Mode.APPEND);
  }

  /** Opens a file that exists, in a directory that does not permit to replace it. */
  static OpenedStream openFile(Path path) throws IOException {
    return new OpenedStream(FileChannel.open(path, StandardOpenOption.WRITE), Mode.OVERWRITE);
  }

  /** In another thread, since a FIFO is not open before something reads it. */
  private static FileChannel openInTime(Path path) throws IOException {
    FutureTask<FileChannel> opening =
        new FutureTask<>(
            () -> FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.APPEND));
    Thread.ofPlatform().daemon().name("open-output").start(opening);
    try {
      return opening.get(OPEN_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new FileSystemException(
          path.toString(),
          null,
          "nothing has opened it to read from it for " + OPEN_SECONDS + " s");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while it was opened", e);
    }
  }

  @Override
  public synchronized void write(byte[] contents) throws IOException {
    if (mode == Mode.OVERWRITE) {
      channel.truncate(0);
    }
    ByteBuffer rest = ByteBuffer.wrap(contents);
    while (rest.hasRemaining()) {
      int written = channel.write(rest);
      assert written >= 0 : written;
    }
  }

  /** Waits for no write: a reader may have stopped reading. */
  @Override
  public void close() {
    if (mode == Mode.SHARED) {
      return;
    }
    try {
      channel.close();
    } catch (IOException e) {
      return; // the contents were written, or the failure to write them was reported
    }
  }
}
