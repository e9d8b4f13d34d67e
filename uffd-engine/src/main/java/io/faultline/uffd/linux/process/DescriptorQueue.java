package io.faultline.uffd.linux.process;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.faultline.uffd.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Keeps descriptors open after this process was killed, from a single system call on: they are sent
 * over a socket and never received (unix(7), SCM_RIGHTS), and a sleeping child process has the
 * receiving end. A {@link DescriptorHolder} for each takes a thousand times as long to start; once
 * there is one, the queue is cleared.
 *
 * <p>Not thread-safe.
 */
public final class DescriptorQueue implements AutoCloseable {
  private final DescriptorConnection sending;
  private final DescriptorConnection receiving;
  private final DescriptorHolder holder;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment word = arena.allocate(JAVA_BYTE);
  private final ReceivedDescriptors received = new ReceivedDescriptors();

  private DescriptorQueue(
      DescriptorConnection sending, DescriptorConnection receiving, DescriptorHolder holder) {
    this.sending = sending;
    this.receiving = receiving;
    this.holder = holder;
  }

  /**
   * Starts an empty queue with its child process.
   *
   * @param name as for {@link DescriptorHolder#start}
   * @throws SystemCallException EMFILE, ENOMEM
   */
  public static DescriptorQueue start(String name) {
    DescriptorPair ends = DescriptorPair.open();
    try {
      DescriptorHolder holder = DescriptorHolder.start(name, ends.other().fd());
      return new DescriptorQueue(ends.one(), ends.other(), holder);
    } catch (RuntimeException e) {
      ends.close();
      throw e;
    }
  }

  /** The child process. */
  public DescriptorHolder holder() {
    return holder;
  }

  /**
   * Keeps a descriptor open until the queue is cleared; it stays open here.
   *
   * @return false if the queue is full
   * @throws SystemCallException EBADF, ETOOMANYREFS (more than RLIMIT_NOFILE in all queues)
   */
  public boolean put(int descriptor) {
    return sending.send(word.address(), 1, descriptor) == 1;
  }

  /** Forgets all descriptors: what has no other holder is closed. */
  public void clear() {
    while (receiving.receive(word.address(), 1, received) > 0) {
      received.close();
    }
  }

  /** Forgets all descriptors, and ends the child process. */
  @Override
  public void close() {
    holder.close();
    closeEnds();
    arena.close();
  }

  /** Closes what this process has of it, as its end would. */
  void closeEnds() {
    sending.close();
    receiving.close();
  }
}
