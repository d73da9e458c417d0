// A photo from a phone, scaled down to what the server takes.

import { sha256 } from "./canonical";
import type { Photo } from "./shapes";

const LONGEST_SIDE = 1600;
const MOST_BYTES = 2_000_000;
const QUALITIES = [0.8, 0.6, 0.4];

/** The size of a picture that fits, its shape kept. */
export function fitting(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Scale a picture down; throws where the file is none. */
export async function scaled(file: Blob): Promise<{ photo: Photo; picture: Blob }> {
  const bitmap = await createImageBitmap(file);
  const canvas = document.createElement("canvas");
  Object.assign(canvas, fitting(bitmap.width, bitmap.height));
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  for (const quality of QUALITIES) {
    const picture = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (picture && picture.size <= MOST_BYTES) {
      const bytes = new Uint8Array(await picture.arrayBuffer());
      return { photo: { sha256: await sha256(bytes), size: picture.size, type: "image/jpeg" }, picture };
    }
  }
  throw new Error(`${file.size}`);
}
