-- What a person should know about a recording that is good all the same: sentences, as a JSON array.
ALTER TABLE recordings ADD COLUMN notes TEXT;
