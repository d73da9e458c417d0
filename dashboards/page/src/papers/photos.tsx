// Pictures of a paper or of what was done: taken, scaled down, kept to be sent before what names them.

import { useState } from "preact/hooks";
import { usePrefs } from "../prefs";
import { enqueue } from "./line";
import { scaled } from "./picture";
import type { Photo } from "./shapes";

interface PhotosProps {
  label?: string;
  photos: readonly Photo[];
  /** What is sent together, in this order. */
  paper: string;
  locked: boolean;
  missing: readonly string[];
  onPhotos: (photos: Photo[]) => void;
}

export function Photos({ label, photos, paper, locked, missing, onPhotos }: PhotosProps) {
  const { t } = usePrefs();
  const [fault, setFault] = useState(false);
  const take = async (file: File | undefined) => {
    if (!file) return;
    try {
      const { photo, picture } = await scaled(file);
      await enqueue({ what: "photo", paper, madeMs: Date.now(), sha256: photo.sha256, picture });
      setFault(false);
      onPhotos([...photos, photo]);
    } catch {
      setFault(true);
    }
  };
  return (
    <div class="photos">
      {label && <p class="field-name">{label}</p>}
      <ul>
        {photos.map((photo) => (
          <li key={photo.sha256}>
            {t(missing.includes(photo.sha256) ? "papers.photo.missing" : "papers.photo.kept", { size: Math.ceil(photo.size / 1000) })}
          </li>
        ))}
      </ul>
      {fault && <p class="problem">{t("papers.photo.fault")}</p>}
      {!locked && (
        <label class="plain">
          {t("papers.photo.add")}
          <input class="unseen" type="file" accept="image/*" capture="environment" onChange={(event) => void take(event.currentTarget.files?.[0])} />
        </label>
      )}
    </div>
  );
}
