package io.faultline.uffd.linux.process;

import static io.faultline.uffd.linux.NativeCalls.bind;
import static io.faultline.uffd.linux.NativeCalls.capture;
import static io.faultline.uffd.linux.NativeCalls.result;
import static io.faultline.uffd.linux.NativeCalls.unexpected;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.FileDescriptors;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A pipe (pipe(7)) of which another process gets one end. If that is the reading one, it sees the
 * end of the stream when this process ends, however it does. Both ends are close-on-exec.
 * Thread-safe.
 */
public final class Pipe implements AutoCloseable {
  private static final int O_CLOEXEC = 0x80000;

  private static final MethodHandle PIPE =
      bind("pipe2", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT));

  private final int reading;
  private final int writing;
  private final AtomicBoolean readingClosed = new AtomicBoolean();
  private final AtomicBoolean writingClosed = new AtomicBoolean();

  private Pipe(int reading, int writing) {
    this.reading = reading;
    this.writing = writing;
  }

  /**
   * Opens a pipe.
   *
   * @throws SystemCallException EMFILE, ENFILE
   */
  public static Pipe open() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ends = arena.allocate(JAVA_INT, 2);
      int opened = call(ends.address());
      if (opened < 0) {
        throw new SystemCallException("pipe2(O_CLOEXEC)", -opened);
      }
      return new Pipe(ends.getAtIndex(JAVA_INT, 0), ends.getAtIndex(JAVA_INT, 1));
    }
  }

  private static int call(long ends) {
    try {
      return result((int) PIPE.invokeExact(capture(), ends, O_CLOEXEC));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** The descriptor of the reading end. */
  public int reading() {
    return reading;
  }

  /** The descriptor of the writing end. */
  public int writing() {
    return writing;
  }

  /** Writes at most 4096 bytes, which the reader sees as a whole or not at all. */
  public void write(byte[] bytes) throws IOException {
    try (OutputStream out = new FileOutputStream("/proc/self/fd/" + writing)) {
      out.write(bytes);
    }
  }

  /** Closes the reading end here, once another process has it. */
  public void closeReading() {
    if (readingClosed.compareAndSet(false, true)) {
      FileDescriptors.close(reading);
    }
  }

  /** Closes the writing end here, once another process has it. */
  public void closeWriting() {
    if (writingClosed.compareAndSet(false, true)) {
      FileDescriptors.close(writing);
    }
  }

  @Override
  public void close() {
    closeReading();
    closeWriting();
  }
}
