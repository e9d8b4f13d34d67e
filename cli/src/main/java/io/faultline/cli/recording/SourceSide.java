package io.faultline.cli.recording;

import io.faultline.source.recording.OutgoingEvents;

/**
 * What the source recorded of a migration.
 *
 * @param events its states and precopy rounds
 * @param ramBytes guest memory
 * @param samples its progress over time
 */
public record SourceSide(OutgoingEvents events, long ramBytes, Samples samples) {}
