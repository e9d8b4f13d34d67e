package io.faultline.snapshot.file;

import io.faultline.paging.store.BlockCodec;

/** Where codecs of compressed snapshots come from: this module has none. Thread-safe. */
@FunctionalInterface
public interface SnapshotCodecs {
  /** Of programs that use no compressed snapshots. */
  SnapshotCodecs NONE =
      encoding -> {
        throw new SnapshotException("this program cannot use snapshots with " + encoding);
      };

  /**
   * A codec.
   *
   * @param encoding a compressed one
   * @throws SnapshotException if this machine has no library for it
   */
  BlockCodec open(DataEncoding encoding);
}
