package io.faultline.uffd.simulated;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/** The lock of a stripe of pages. A thread that needs two locks takes them in order. */
final class PageLock extends ReentrantLock {
  private static final long serialVersionUID = 1L;
  private static final AtomicLong NEXT = new AtomicLong();

  private final long order = NEXT.getAndIncrement();

  boolean comesBefore(PageLock other) {
    return order < other.order;
  }
}
