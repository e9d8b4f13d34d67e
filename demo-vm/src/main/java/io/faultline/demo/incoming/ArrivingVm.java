package io.faultline.demo.incoming;

import com.google.protobuf.ByteString;
import io.faultline.memory.MemoryRegion;
import java.util.List;
import java.util.function.LongConsumer;

/** A VM of either kind, as {@link DemoDestination} builds and starts it. */
public interface ArrivingVm extends AutoCloseable {
  /** All of its memory, ascending by id. Stays mapped until {@link #close}. */
  List<MemoryRegion> regions();

  /**
   * Makes the threads that {@link #start} releases. {@code start} does it if nobody did before.
   *
   * @throws IllegalStateException if the system refuses a thread
   */
  void makeReady();

  /**
   * Loads the state of another VM, before {@link #start}.
   *
   * @param clockOffsetNanos what to add to the source's {@link System#nanoTime} to get this
   *     machine's
   * @throws IllegalArgumentException if it cannot be a state of this VM
   */
  void loadState(ByteString state, long clockOffsetNanos);

  /**
   * Starts the vCPUs; once.
   *
   * @param onFirstInstruction called once, on the thread of the first vCPU to run, with {@link
   *     System#nanoTime} just before its first instruction
   */
  void start(LongConsumer onFirstInstruction);

  /**
   * Stops the vCPUs permanently. When this returns, none executes an instruction any more; one that
   * still sleeps in a page fault ends when it wakes, without using the page.
   *
   * @throws IllegalStateException if a vCPU does not stop within 10 s
   */
  void abandon();

  /** Stops the vCPUs and unmaps the memory. */
  @Override
  void close();
}
