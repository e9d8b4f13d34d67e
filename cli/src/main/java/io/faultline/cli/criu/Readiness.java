package io.faultline.cli.criu;

import io.faultline.uffd.linux.FileDescriptors;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Tells those who wait for it that a command is ready: once, after it listens. */
public final class Readiness {
  private final int statusFd;
  private final @Nullable Path pidFile;
  private final boolean releasesStandardError;

  private Readiness(int statusFd, @Nullable Path pidFile, boolean releasesStandardError) {
    this.statusFd = statusFd;
    this.pidFile = pidFile;
    this.releasesStandardError = releasesStandardError;
  }

  /**
   * Checks what can be checked before the command is ready.
   *
   * @param statusFd -1 for none
   * @param hasLog whether the log is a file, so that a process in the background does not need its
   *     standard error
   * @throws IOException if the descriptor is not open
   */
  static Readiness check(int statusFd, @Nullable Path pidFile, boolean hasLog) throws IOException {
    if (statusFd != -1 && !FileDescriptors.isOpen(statusFd)) {
      throw new IOException(
          "--status-fd " + statusFd + ": this descriptor is not open in this process");
    }
    return new Readiness(statusFd, pidFile, hasLog);
  }

  /** Tells it. */
  public void announce() throws IOException {
    if (pidFile != null) {
      writePid(pidFile);
    }
    if (statusFd != -1) {
      writeStatus();
    }
    if (BackgroundStart.isInBackground()) {
      detach();
    }
  }

  private static void writePid(Path file) throws IOException {
    try {
      Files.writeString(file, String.valueOf(ProcessHandle.current().pid()));
    } catch (IOException e) {
      throw new IOException("--pidfile " + file + ": cannot be written (" + e + ")", e);
    }
  }

  private void writeStatus() throws IOException {
    Epoll.ensureAvailability(); // loads the native code of descriptors
    FileDescriptor status = new FileDescriptor(statusFd);
    try {
      int _ = status.write(ByteBuffer.allocateDirect(1), 0, 1);
    } catch (IOException e) {
      throw new IOException(
          "--status-fd " + statusFd + ": cannot be written (" + e.getMessage() + ")", e);
    } finally {
      status.close();
    }
  }

  /** Lets the parent end, and those who read what it printed: Java leads what it closes nowhere. */
  private void detach() throws IOException {
    try (OutputStream parent = new FileOutputStream(java.io.FileDescriptor.out)) {
      parent.write(0);
    }
    if (releasesStandardError) {
      new FileOutputStream(java.io.FileDescriptor.err).close();
    }
  }
}
