package io.faultline.cli.recording;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Passes a recording from a node to the process that draws it, as JSON. */
public final class RecordingFile {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private RecordingFile() {}

  public static void write(Path file, MigrationRecording recording) throws IOException {
    Files.writeString(file, MAPPER.writeValueAsString(recording));
  }

  /** Reads a recording; an empty one if there is none, since its node was killed. */
  public static MigrationRecording read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return new MigrationRecording(null, null);
    }
    try {
      return MAPPER.readValue(Files.readString(file), MigrationRecording.class);
    } catch (JacksonException e) {
      throw new IOException(file + " is no recording: " + e.getOriginalMessage(), e);
    }
  }
}
