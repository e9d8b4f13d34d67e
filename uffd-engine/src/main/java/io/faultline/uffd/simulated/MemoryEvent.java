package io.faultline.uffd.simulated;

import io.faultline.uffd.EventType;

/** A fork, remap, remove or unmap event; its thread waits until it is read. */
final class MemoryEvent {
  final Thread thread = Thread.currentThread();
  final EventType type;
  final long first;
  final long second;
  final long third;
  volatile boolean delivered;

  MemoryEvent(EventType type, long first, long second, long third) {
    this.type = type;
    this.first = first;
    this.second = second;
    this.third = third;
  }
}
