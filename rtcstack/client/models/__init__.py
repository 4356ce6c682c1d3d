"""What the API answers with. Attributes are snake_case; on the wire each has the name of the API's document.

Fields that a newer server adds are ignored. Instants are aware `datetime`s in UTC.
"""
